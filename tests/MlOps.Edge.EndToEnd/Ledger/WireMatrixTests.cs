using MlOps.Edge.EndToEnd.Faults;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>What networks do between devices, broker and cloud: messages late, out of order and twice, connections reset, half open and parted.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class WireMatrixTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Postgres)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Postgres)]
    public async Task A_foul_network_that_breaks_parts_and_falls_silent_loses_nothing(LedgerBroker broker, LedgerStore store)
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(broker, store);
        await using var rig = await LedgerRig.StartAsync(output, new(broker) { Store = store });
        FaultProxy[] wires = [rig.Wire, .. rig.CloudWire is { } other ? new[] { other } : []];
        (string Name, Action<FaultProxy> Do)[] faults = [("reset", wire => wire.Cut()), ("half open", wire => wire.GoSilent()), ("parted", wire => wire.Part())];
        var all = faults.SelectMany(_ => wires, (fault, wire) => (fault.Name, fault.Do, Wire: wire)).ToArray();
        rig.Random.Shuffle(all);
        foreach (var wire in wires)
        {
            wire.Weather = Weather.Foul;
        }

        foreach (var fault in all)
        {
            await rig.ProgressAsync(20);
            rig.Say($"the connections of the {(fault.Wire == rig.Wire ? "devices" : "cloud")} are {fault.Name}");
            fault.Do(fault.Wire);
            await rig.ProgressAsync(60);
            if (fault.Name == "parted")
            {
                fault.Wire.Heal();
            }
        }

        foreach (var wire in wires)
        {
            wire.Weather = Weather.Fair;
            output.WriteLine($"{wire.Done.Overtaken} publications were overtaken, {wire.Done.Repeated} went twice");
            Assert.True(wire.Done is { Overtaken: > 2, Repeated: > 2 });
        }

        await rig.RequireEvenAsync();
    }

    [Theory]
    [InlineData(LedgerStore.Sqlite)]
    [InlineData(LedgerStore.Postgres)]
    public async Task Messages_that_mosquitto_acknowledged_and_lost_come_again(LedgerStore store)
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(LedgerBroker.Mosquitto, store);
        await using var rig = await LedgerRig.StartAsync(output, new(LedgerBroker.Mosquitto) { Store = store });
        for (var round = 0; round < 2; round++)
        {
            await rig.ProgressAsync();
            await rig.Cloud.KillAsync();
            var acknowledged = rig.Wire.Acknowledged;
            await Wait.UntilAsync("mosquitto has acknowledged more, which no cloud has", () => rig.Wire.Acknowledged >= acknowledged + 10);
            Assert.All(rig.Devices, device => Assert.True(device.Outbox is { Pending: > 0 }));
            rig.Say($"mosquitto has acknowledged {rig.Wire.Acknowledged - acknowledged} messages without a cloud; SIGKILL to it, its state deleted");
            await rig.Broker!.KillAsync();
            rig.Broker.Forget();
            await Task.WhenAll(rig.Broker.StartAsync(), rig.Cloud.StartAsync());

            // And in the middle of the traffic.
            await rig.ProgressAsync();
            await rig.Broker.KillAsync();
            rig.Broker.Forget();
            await rig.Broker.StartAsync();
        }

        await rig.ProgressAsync();
        await rig.RequireEvenAsync();
    }
}
