using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private static readonly ModelDefinition Press = WearingMachines.Definition;
    private static readonly DateTimeOffset Installed = Batches.Start;
    private static readonly DateTimeOffset Late = Installed.AddDays(30);

    private readonly TemporaryStores _stores = new();
    private readonly FieldRecorder _field;
    private readonly SnapshotReader _reader;
    private readonly SnapshotTaker _taker;

    public SnapshotTests()
    {
        var (telemetry, maintenance, artifacts) = (_stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>(), _stores.Get<IArtifactStore>());
        _field = new(telemetry, maintenance, Press);
        _reader = new(artifacts);
        _taker = new(telemetry, maintenance, new(telemetry, maintenance), artifacts, _reader);
    }

    [Fact]
    public async Task Windows_from_a_snapshot_are_bit_for_bit_those_of_the_frames_that_a_device_pushed()
    {
        var unit = WearingMachines.Failed(1, seed: 3)[0];
        unit.Values[5] = float.NaN;
        unit.Values[9] = BitConverter.Int32BitsToSingle(0x7fc12345);
        unit.Values[13] = -0f;
        await _field.LiveAsync(unit, "edge-01", Installed, from: 37, framesPerBatch: 7);
        await _field.LiveAsync(unit, "edge-01", Installed, to: 37, framesPerBatch: 13);

        var stored = Assert.Single(await _reader.ReadUnitsAsync(await _reader.ReadAsync(await TakeAsync(Late), Cancelled), Cancelled));

        Assert.Equal(Windows(unit), Windows(stored));
    }

    [Fact]
    public async Task The_same_lives_up_to_the_same_watermark_have_the_same_name_whatever_came_later()
    {
        var units = WearingMachines.Failed(6, seed: 4);
        await LiveAndFailAsync(units);
        var watermark = Installed.AddDays(1);
        var first = await TakeAsync(watermark);

        await _field.LiveAsync(WearingMachines.Failed(1, seed: 5, prefix: "later")[0], "edge-09", watermark.AddDays(1));

        Assert.Equal(first, await TakeAsync(watermark));
        Assert.NotEqual(first, await TakeAsync(Late));
    }

    [Fact]
    public async Task Units_keep_their_sides_from_snapshot_to_snapshot_and_share_their_frames()
    {
        await LiveAndFailAsync(WearingMachines.Failed(10, seed: 6));
        var first = await TakeAsync(Late);
        await LiveAndFailAsync(WearingMachines.Failed(10, seed: 7, prefix: "another"));

        var before = await _reader.ReadAsync(first, Cancelled);
        var after = await _reader.ReadAsync(await TakeAsync(Late, first), Cancelled);

        Assert.Equal(first, after.Parent);
        Assert.Equal(2, before.Split.Count(a => a.Side == UnitSide.Judge));
        Assert.Equal(before.Split, after.Split.Where(a => a.Cohort == 0));
        Assert.Equal(2, after.Split.Count(a => a is { Side: UnitSide.Judge, Cohort: 1 }));
        Assert.Equal(before.Units, after.Units.Where(u => u.Unit.StartsWith("press", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failure_is_no_label_while_its_last_frames_are_still_on_their_way()
    {
        var unit = WearingMachines.Failed(1, seed: 8)[0];
        await _field.LiveAsync(unit, "edge-01", Installed, to: unit.Frames - 3);
        await _field.FailAsync(unit, Installed);
        Assert.Equal(UnitEnd.Running, Assert.Single((await _reader.ReadAsync(await TakeAsync(Late), Cancelled)).Units).End);

        await _field.LiveAsync(unit, "edge-01", Installed, from: unit.Frames - 3);
        Assert.Equal(UnitEnd.Failed, Assert.Single((await _reader.ReadAsync(await TakeAsync(Late), Cancelled)).Units).End);
    }

    [Fact]
    public async Task A_unit_still_in_service_is_recorded_however_old_and_takes_no_side()
    {
        var unit = WearingMachines.Failed(1, seed: 9)[0];
        await _field.LiveAsync(unit, "edge-01", Installed, to: (int)Press.RulCap);
        var young = await _reader.ReadAsync(await TakeAsync(Late), Cancelled);
        Assert.Equal((unit.Unit, (int)Press.RulCap), (Assert.Single(young.Units).Unit, young.Units[0].Frames));
        Assert.Empty(young.Split);

        await _field.LiveAsync(unit, "edge-01", Installed, from: (int)Press.RulCap);
        var old = await _reader.ReadAsync(await TakeAsync(Late), Cancelled);
        Assert.True(old.Units[0].Frames > Press.RulCap);
        Assert.Empty(old.Split);
    }

    [Fact]
    public async Task A_unit_replaced_in_time_teaches_once_it_has_lived_longer_than_the_cap()
    {
        var brief = WearingMachines.Failed(1, seed: 9)[0];
        var proved = WearingMachines.Failed(1, seed: 9, prefix: "another")[0];
        await _field.LiveAsync(brief, "edge-01", Installed, to: (int)Press.RulCap);
        await _field.ReplaceAsync(brief, Installed, (long)Press.RulCap - 1);
        await _field.LiveAsync(proved, "edge-02", Installed, to: (int)Press.RulCap + 1);
        await _field.ReplaceAsync(proved, Installed, (long)Press.RulCap);

        var snapshot = await _reader.ReadAsync(await TakeAsync(Late), Cancelled);
        Assert.All(snapshot.Units, u => Assert.Equal(UnitEnd.Censored, u.End));
        Assert.Equal((proved.Unit, UnitSide.Train), (Assert.Single(snapshot.Split).Unit, snapshot.Split[0].Side));
    }

    [Fact]
    public async Task Another_kind_of_machine_is_not_in_it_and_an_unknown_name_is_told()
    {
        await new FieldRecorder(_stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>(), Press with { MachineKind = "lathe" })
            .LiveAsync(WearingMachines.Failed(1, seed: 10)[0], "edge-01", Installed);

        Assert.Empty((await _reader.ReadAsync(await TakeAsync(Late), Cancelled)).Units);
        var unknown = Sha256Digest.Of("nothing"u8);
        var error = await Assert.ThrowsAsync<TrainingException>(() => _reader.ReadAsync(unknown, Cancelled));
        Assert.Contains(unknown.ToString(), error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _stores.Dispose();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private Task<Sha256Digest> TakeAsync(DateTimeOffset watermark, Sha256Digest? parent = null) =>
        _taker.TakeAsync(new(Press, new(watermark), Seed: 1, new()), parent, Cancelled);

    private async Task LiveAndFailAsync(IEnumerable<UnitHistory> units)
    {
        foreach (var unit in units)
        {
            await _field.LiveAsync(unit, "edge-01", Installed);
            await _field.FailAsync(unit, Installed);
        }
    }

    /// <summary>The bits of every window, short histories included.</summary>
    private static List<int[]> Windows(UnitHistory unit)
    {
        var window = new FrameWindow(Press.Window, Press.Channels.Count);
        var values = new float[window.Size];
        var windows = new List<int[]>();
        for (var frame = 0; frame < unit.Frames; frame++)
        {
            window.Push(unit.Row(frame));
            window.CopyTo(values);
            windows.Add([.. values.Select(BitConverter.SingleToInt32Bits)]);
        }

        return windows;
    }
}
