using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Grains;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Tests.Training;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Drift.Grains;

public sealed class SketchIntakeTests : IDisposable
{
    private static readonly SketchSpec Spec = ReferenceSketch.Build(WearingMachines.Definition, WearingMachines.Failed(10, seed: 50)).Spec;
    private static readonly SketchSpec Other = ReferenceSketch.Build(WearingMachines.Definition, WearingMachines.Failed(10, seed: 51)).Spec;

    private readonly TemporaryStores _stores = new();
    private readonly TemporaryStores _turned = new();

    [Fact]
    public async Task The_order_in_which_devices_commit_does_not_matter()
    {
        await SendAsync(_stores, "a", 0, 10);
        await SendAsync(_stores, "b", 0, 10);
        await SendAsync(_stores, "a", 10, 20);
        await SendAsync(_turned, "b", 0, 10);
        await SendAsync(_turned, "a", 0, 10);
        await SendAsync(_turned, "a", 10, 20);

        Assert.Equal((await ReadAsync(_stores, 0)).Increments, (await ReadAsync(_turned, 0)).Increments);
    }

    [Fact]
    public async Task What_comes_late_counts_once_and_what_was_counted_against_another_reference_does_not()
    {
        await SendAsync(_stores, "a", 10, 20);
        var first = await ReadAsync(_stores, 0);
        await SendAsync(_stores, "a", 0, 10);
        await SendAsync(_stores, "a", 20, 30, Other);
        var late = await ReadAsync(_stores, first.Bookmark);

        Assert.Equal(10, Assert.Single(first.Increments).Increment.FirstFrame);
        Assert.Equal(0, Assert.Single(late.Increments).Increment.FirstFrame);
        Assert.Empty((await ReadAsync(_stores, late.Bookmark)).Increments);
    }

    public void Dispose()
    {
        _stores.Dispose();
        _turned.Dispose();
    }

    private static Task<SketchNews> ReadAsync(TemporaryStores stores, long after) =>
        new SketchIntake(stores.Get<ITelemetryStore>(), NullLogger<SketchIntake>.Instance).ReadAsync(after, Spec, TestContext.Current.CancellationToken);

    private static async Task SendAsync(TemporaryStores stores, string asset, int from, int to, SketchSpec? spec = null)
    {
        var unit = WearingMachines.Failed(1, seed: 52, prefix: asset)[0];
        var counter = new SketchCounter(spec ?? Spec);
        for (var frame = from; frame < to; frame++)
        {
            counter.Add(unit.Row(frame), frame);
        }

        // A stream of its own for each batch: only the order of commits matters here.
        await new FieldRecorder(stores.Get<ITelemetryStore>(), stores.Get<IMaintenanceLog>(), WearingMachines.Definition)
            .SendAsync($"edge-{asset}-{from}", batch => batch.Sketches.Add(FieldRecorder.Sketch(unit, counter.Spec, counter.Flush()!)));
    }
}
