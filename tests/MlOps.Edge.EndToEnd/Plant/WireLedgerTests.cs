using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Faults;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>What networks do between devices and their broker, at random moments; the ledger of frames must come out even.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class WireLedgerTests(ITestOutputHelper output)
{
    private const int Devices = 10;
    private const int Ticks = 1_500;
    private const double Pace = 0.05;
    private const double LastPace = 0.002;

    [Fact]
    public async Task A_wire_that_delays_reorders_repeats_falls_silent_and_breaks_loses_no_frame_and_doubles_none()
    {
        var seed = Environment.GetEnvironmentVariable("MLOPS_TEST_SEED") is { } given ? int.Parse(given, null) : Environment.ProcessId;
        output.WriteLine($"seed {seed} (MLOPS_TEST_SEED repeats it)");
        using var folder = new TestFolder();
        await using var cloud = new ServedCloud(folder["cloud"]);
        await using var wire = new FaultProxy(cloud.MqttPort, seed);
        await using var plant = new LivePlant(folder["plant"], cloud, Devices, seed, Ticks, wire.Port);
        await cloud.StartAsync();
        await plant.StartAsync(Pace);

        var random = new Random(seed);
        (string Name, Func<Task> Do)[] faults =
        [
            ("foul weather", () => Task.CompletedTask),
            ("every connection is reset", () => Do(wire.Cut)),
            ("every connection falls silent", () => Do(wire.GoSilent)),
            ("the cloud is killed in foul weather", async () =>
            {
                await cloud.KillAsync();
                await cloud.StartAsync();
            }),
            ("every connection is reset again", () => Do(wire.Cut)),
        ];
        random.Shuffle(faults);
        wire.Weather = Weather.Foul;
        foreach (var (name, fault) in faults)
        {
            var before = plant.CommittedByAll;
            var progress = random.Next(1, Devices * 20);
            await Wait.UntilAsync("devices have committed more frames", () => plant.CommittedByAll >= before + progress);
            output.WriteLine($"{name}, with {plant.CommittedByAll} of at most {Devices * Ticks} frames committed");
            Assert.False(plant.IsDrained, "the plant had nothing left to do: this fault would prove nothing");
            await fault();
        }

        await plant.StopAsync();
        await plant.StartAsync(LastPace);
        await Wait.UntilAsync("every device has lived to the end of the plan and the cloud has it all", () => plant.IsDrained);
        output.WriteLine($"{wire.Done.Overtaken} publications were overtaken, {wire.Done.Repeated} went twice");
        Assert.True(wire.Done is { Overtaken: > 10, Repeated: > 10 });
        await plant.StopAsync();
        await cloud.StopAsync();

        await using var stores = cloud.OpenStores();
        await FrameLedger.RequireEvenAsync(stores.GetRequiredService<ITelemetryStore>(), plant);
        var totals = await stores.GetRequiredService<ITelemetryStore>().CountAsync(TestContext.Current.CancellationToken);
        output.WriteLine($"{totals.Batches} batches, {totals.Readings} readings, {totals.Duplicates} repeats recognised");
        Assert.Equal(0, totals.DeadLetters);
    }

    private static Task Do(Action fault)
    {
        fault();
        return Task.CompletedTask;
    }
}
