using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>SIGKILL to cloud and plant while they work; the ledger of frames must come out even.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class KillLedgerTests(ITestOutputHelper output)
{
    private const int Devices = 20;
    private const int Ticks = 2_000;

    // Slow while kills fall, so that there is work left however slow the machine; then the rest of the plan as fast as it goes.
    private const double Pace = 0.1;
    private const double LastPace = 0.002;

    [Fact]
    public async Task Kills_at_random_moments_lose_no_frame_and_store_none_twice()
    {
        var seed = Environment.GetEnvironmentVariable("MLOPS_TEST_SEED") is { } given ? int.Parse(given, null) : Environment.ProcessId;
        output.WriteLine($"seed {seed} (MLOPS_TEST_SEED repeats it)");
        using var folder = new TestFolder();
        await using var cloud = new ServedCloud(folder["cloud"]);
        await using var plant = new LivePlant(folder["plant"], cloud, Devices, seed, Ticks);
        await cloud.StartAsync();
        await plant.StartAsync(Pace);

        await KillAsync(new(seed), cloud, plant);
        await plant.KillAsync();
        await plant.StartAsync(LastPace);
        await Wait.UntilAsync("every device has lived to the end of the plan and the cloud has it all", () => plant.IsDrained);
        await using var stores = cloud.OpenStores();
        var booked = plant.Plan.Devices.SelectMany(place => plant.Plan.StintsOf(place.Index)).Sum(stint => stint.Notes.Count);
        await Wait.UntilAsync($"{booked} maintenance events are recorded", async () => (await EventsAsync(stores)).Length == booked);
        await plant.StopAsync();
        await cloud.StopAsync();

        await FrameLedger.RequireEvenAsync(stores.GetRequiredService<ITelemetryStore>(), plant);
        Assert.Equal(booked, (await EventsAsync(stores)).Distinct().Count());
        var totals = await stores.GetRequiredService<ITelemetryStore>().CountAsync(TestContext.Current.CancellationToken);
        output.WriteLine($"{totals.Batches} batches, {totals.Readings} readings, {totals.Duplicates} repeats recognised");
        Assert.Equal(0, totals.DeadLetters);
    }

    private async Task KillAsync(Random random, ServedCloud cloud, LivePlant plant)
    {
        (bool Cloud, bool Plant)[] victims = [(true, false), (false, true), (true, true), (true, false), (true, true)];
        random.Shuffle(victims);
        foreach (var victim in victims)
        {
            // Some progress first, so that the kills fall all over the run; then at no particular moment.
            var before = plant.CommittedByAll;
            var progress = random.Next(1, Devices * 40);
            await Wait.UntilAsync("devices have committed more frames", () => plant.CommittedByAll >= before + progress);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1_500)), TimeProvider.System, TestContext.Current.CancellationToken);

            output.WriteLine($"SIGKILL to {(victim.Cloud ? "cloud " : "")}{(victim.Plant ? "plant " : "")}with {plant.CommittedByAll} of at most {Devices * Ticks} frames committed");
            Assert.False(plant.IsDrained, "the plant had nothing left to do: this kill would prove nothing");
            await Task.WhenAll(victim.Cloud ? cloud.KillAsync() : Task.CompletedTask, victim.Plant ? plant.KillAsync() : Task.CompletedTask);
            await Task.WhenAll(victim.Cloud ? cloud.StartAsync() : Task.CompletedTask, victim.Plant ? plant.StartAsync(Pace) : Task.CompletedTask);
        }
    }

    private static async Task<string[]> EventsAsync(ServiceProvider stores) =>
        [.. (await stores.GetRequiredService<IMaintenanceLog>().ReadAsync(0, TestContext.Current.CancellationToken)).Select(e => e.Event.Id)];
}
