using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>SIGKILL to agents, broker, cloud and its database, each and in pairs, at random moments.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class KillMatrixTests(ITestOutputHelper output)
{
    private static readonly Victims[] Embedded = [Victims.Agents, Victims.Cloud, Victims.Agents | Victims.Cloud];

    private static readonly Victims[] Mosquitto = [Victims.Agents, Victims.Broker, Victims.Cloud, Victims.Agents | Victims.Broker, Victims.Agents | Victims.Cloud, Victims.Broker | Victims.Cloud];

    [Fact]
    public Task Killing_agents_and_the_cloud_with_its_broker_loses_nothing() => KillAsync(new(LedgerBroker.Embedded) { EarlyKills = 2 }, Embedded);

    [Fact]
    public async Task Killing_agents_mosquitto_and_the_cloud_loses_nothing()
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(LedgerBroker.Mosquitto);
        await KillAsync(new(LedgerBroker.Mosquitto) { EarlyKills = 2 }, Mosquitto);
    }

    [Theory]
    [InlineData(LedgerBroker.Embedded)]
    [InlineData(LedgerBroker.Mosquitto)]
    public async Task Killing_PostgreSQL_and_whatever_is_before_it_loses_nothing(LedgerBroker broker)
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(broker, LedgerStore.Postgres);
        LedgerDatabase.NeedControl();
        var others = broker == LedgerBroker.Embedded ? Embedded : Mosquitto;
        await KillAsync(new(broker) { Store = LedgerStore.Postgres, EarlyKills = 2 },
        [
            .. others,
            Victims.Database, Victims.Crash, Victims.Sessions,
            .. others.Where(victims => (victims & (victims - 1)) == 0).Select(victim => victim | Victims.Database),
        ]);
    }

    private async Task KillAsync(LedgerSetup setup, Victims[] kills)
    {
        await using var rig = await LedgerRig.StartAsync(output, setup);
        kills = [.. kills];
        rig.Random.Shuffle(kills);
        foreach (var victims in kills)
        {
            await rig.ProgressAsync();
            rig.Say($"SIGKILL to {victims}");
            await Task.WhenAll(
                victims.HasFlag(Victims.Agents) ? Task.WhenAll(rig.Devices.Select(device => device.KillAsync())) : Task.CompletedTask,
                victims.HasFlag(Victims.Broker) ? rig.Broker!.KillAsync() : Task.CompletedTask,
                victims.HasFlag(Victims.Cloud) ? rig.Cloud.KillAsync() : Task.CompletedTask,
                EndOf(victims) is { } end ? rig.Database!.EndAsync(end) : Task.CompletedTask);

            // Down for a while, and back in no particular order; but a cloud does not start without its database.
            await Task.Delay(TimeSpan.FromMilliseconds(rig.Random.Next(1_500)), TimeProvider.System, TestContext.Current.CancellationToken);
            Func<Task>[] returns =
            [
                () => victims.HasFlag(Victims.Agents) ? Do(() => rig.Devices.ToList().ForEach(device => device.Start())) : Task.CompletedTask,
                () => victims.HasFlag(Victims.Broker) ? rig.Broker!.StartAsync() : Task.CompletedTask,
                async () =>
                {
                    await (EndOf(victims) is null ? Task.CompletedTask : rig.Database!.StartAsync());
                    await (victims.HasFlag(Victims.Cloud) ? rig.Cloud.StartAsync() : Task.CompletedTask);
                },
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

    private static DatabaseEnd? EndOf(Victims victims) =>
        victims.HasFlag(Victims.Database) ? DatabaseEnd.Killed
        : victims.HasFlag(Victims.Crash) ? DatabaseEnd.Crashed
        : victims.HasFlag(Victims.Sessions) ? DatabaseEnd.Sessions
        : null;

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

        /// <summary>All processes of the server.</summary>
        Database = 8,

        /// <summary>The server, by its own immediate stop.</summary>
        Crash = 16,

        /// <summary>The server's processes that serve the cloud.</summary>
        Sessions = 32,
    }
}
