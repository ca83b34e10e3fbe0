using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>A device's clock that is set by hours and years, forth and back, while the agent runs and while it does not.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class ClockMatrixTests(ITestOutputHelper output)
{
    // A batch that is sent by a later session than the one that made it is believed with such a clock: nothing tells of it.
    private static readonly TimeSpan Believable = -TimeSpan.FromHours(7);

    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    // What the cloud does not correct, and the time from the reading to the batch.
    private static readonly TimeSpan Right = TimeSpan.FromSeconds(7);

    [Theory]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Postgres)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Postgres)]
    public async Task A_clock_that_jumps_loses_nothing_and_times_are_corrected(LedgerBroker broker, LedgerStore store)
    {
        LedgerNeeds.OfDevices(broker, store);
        using var folder = new TestFolder();
        var clock = new DeviceClock(folder["clock"]);
        await using var rig = await LedgerRig.StartAsync(output, new(broker) { Store = store, Environment = clock.Environment });
        TimeSpan[] offsets = [TimeSpan.FromHours(3), Believable, 4 * Year, -11 * Year, TimeSpan.Zero];
        rig.Random.Shuffle(offsets);
        int[] mayBeKilled = [.. Enumerable.Range(0, offsets.Length).Where(i => i == 0 || offsets[i - 1] != Believable)];
        var killed = mayBeKilled[rig.Random.Next(mayBeKilled.Length)];
        for (var i = 0; i < offsets.Length; i++)
        {
            await rig.ProgressAsync();
            rig.Say($"the devices' clocks are set to {offsets[i].TotalHours:+0;-0;0} hours of the true time{(i == killed ? ", while they are down after SIGKILL" : "")}");
            if (i == killed)
            {
                await Task.WhenAll(rig.Devices.Select(device => device.KillAsync()));
                clock.Set(offsets[i]);
                rig.Devices.ToList().ForEach(device => device.Start());
            }
            else
            {
                clock.Set(offsets[i]);
            }
        }

        await rig.ProgressAsync();
        await rig.RequireEvenAsync("stopped");
        await RequireTimesAsync(rig);
    }

    private static async Task RequireTimesAsync(LedgerRig rig)
    {
        await using var stores = rig.Cloud.OpenStores();
        var ledgers = await StoredLedger.ReadAsync(stores.GetRequiredService<ITelemetryStore>(), rig.Devices);
        foreach (var device in rig.Devices)
        {
            var given = device.Bench.Given;
            foreach (var (age, frame) in ledgers[device.Number].Frames.Where(frame => frame.Value.Trust != ClockTrust.Estimated))
            {
                Assert.True((frame.Time - given[frame.Reading]).Duration() < Right, $"frame {age} of {device.Id} was read at {given[frame.Reading]:u} and is stored with {frame.Time:u} ({frame.Trust})");
            }
        }
    }
}
