using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>SIGKILL to agents, broker and cloud, each and in pairs, at random moments.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class KillMatrixTests(ITestOutputHelper output)
{
    [Fact]
    public Task Killing_agents_and_the_cloud_with_its_broker_loses_nothing() => KillAsync(LedgerBroker.Embedded,
        [Victims.Agents, Victims.Cloud, Victims.Agents | Victims.Cloud]);

    [Fact]
    public async Task Killing_agents_mosquitto_and_the_cloud_loses_nothing()
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(LedgerBroker.Mosquitto);
        await KillAsync(LedgerBroker.Mosquitto,
            [Victims.Agents, Victims.Broker, Victims.Cloud, Victims.Agents | Victims.Broker, Victims.Agents | Victims.Cloud, Victims.Broker | Victims.Cloud]);
    }

    private async Task KillAsync(LedgerBroker broker, Victims[] kills)
    {
        await using var rig = await LedgerRig.StartAsync(output, new(broker));
        rig.Random.Shuffle(kills);
        foreach (var victims in kills)
        {
            await rig.ProgressAsync();
            rig.Say($"SIGKILL to {victims}");
            await Task.WhenAll(
                victims.HasFlag(Victims.Agents) ? Task.WhenAll(rig.Devices.Select(device => device.KillAsync())) : Task.CompletedTask,
                victims.HasFlag(Victims.Broker) ? rig.Broker!.KillAsync() : Task.CompletedTask,
                victims.HasFlag(Victims.Cloud) ? rig.Cloud.KillAsync() : Task.CompletedTask);

            // Down for a while, and back in no particular order.
            await Task.Delay(TimeSpan.FromMilliseconds(rig.Random.Next(1_500)), TimeProvider.System, TestContext.Current.CancellationToken);
            Func<Task>[] returns =
            [
                () => victims.HasFlag(Victims.Agents) ? Do(() => rig.Devices.ToList().ForEach(device => device.Start())) : Task.CompletedTask,
                () => victims.HasFlag(Victims.Broker) ? rig.Broker!.StartAsync() : Task.CompletedTask,
                () => victims.HasFlag(Victims.Cloud) ? rig.Cloud.StartAsync() : Task.CompletedTask,
            ];
            rig.Random.Shuffle(returns);
            foreach (var back in returns)
            {
                await back();
            }
        }

        await rig.ProgressAsync();
        await rig.RequireEvenAsync("stopped");
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    [Flags]
    private enum Victims
    {
        Agents = 1,
        Broker = 2,
        Cloud = 4,
    }
}
