using Google.Protobuf;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

public abstract class UnitHistoriesContract(StoreKind kind) : IDisposable
{
    private static readonly DeviceId Device = DeviceId.Parse("edge-01");
    private static readonly UnitRef Unit = UnitRef.Parse("a#1");
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly TemporaryStores _stores = new(kind);
    private ulong _sequence;

    [Fact]
    public async Task Frames_come_sorted_once_each_and_holes_are_not_a_number()
    {
        await StoreAsync(Batches.Readings("a", 1, 14, ("x", [14, 15]), ("y", [-14, -15])));
        await StoreAsync(Batches.Readings("a", 1, 10, ("x", [10, 11]), ("y", [-10, -11])));
        await StoreAsync(Batches.Readings("a", 1, 11, ("x", [99, 12]), ("y", [99, -12])), Batches.Readings("b", 1, 0, ("x", [7])));

        var history = await ReadAsync(DateTimeOffset.MaxValue, "y", "x");
        Assert.Equal((10, 6, UnitEnd.Running), (history.FirstFrame, history.Frames, history.End));
        Assert.Equal([-10, 10, -11, 11, -12, 12, float.NaN, float.NaN, -14, 14, -15, 15], history.Values);
    }

    [Fact]
    public async Task A_channel_that_a_block_lacks_is_not_a_number()
    {
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", [1, 2])));
        var history = await ReadAsync(DateTimeOffset.MaxValue, "x", "z");
        Assert.Equal([1, float.NaN, 2, float.NaN], history.Values);
    }

    [Fact]
    public async Task Values_are_the_very_bits_that_were_sent()
    {
        float[] odd = [float.Epsilon, -0f, BitConverter.Int32BitsToSingle(0x7fc12345), float.NegativeInfinity, 0.1f];
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", odd)));
        var values = (await ReadAsync(DateTimeOffset.MaxValue, "x")).Values;
        Assert.Equal(odd.Select(BitConverter.SingleToInt32Bits), values.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public async Task Nothing_after_the_watermark_is_seen_neither_frames_nor_the_end()
    {
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", [0, 1, 2, 3])));
        await _stores.Get<IMaintenanceLog>().AppendAsync(End(MaintenanceKind.Failure, frame: 3), Never);

        var early = await ReadAsync(Batches.Start.AddHours(1), "x");
        Assert.Equal((2, UnitEnd.Running), (early.Frames, early.End));
        var late = await ReadAsync(Batches.Start.AddHours(3), "x");
        Assert.Equal((4, UnitEnd.Failed), (late.Frames, late.End));
        Assert.Null(await Histories.ReadAsync(Unit, ["x"], new(Batches.Start.AddHours(-1)), Never));
    }

    [Fact]
    public async Task What_was_stored_behind_the_head_is_not_seen_however_early_it_happened()
    {
        var (telemetry, maintenance) = (_stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>());
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", [0, 1])));
        var cut = new DataCut(Batches.Start.AddHours(3), new(await telemetry.GetHeadAsync(Never), await maintenance.GetHeadAsync(Never)));

        await StoreAsync(Batches.Readings("a", 1, 2, ("x", [2, 3, 4])));
        await maintenance.AppendAsync(End(MaintenanceKind.Failure, frame: 3), Never);

        var then = await Histories.ReadAsync(Unit, ["x"], cut, Never);
        Assert.Equal((2, UnitEnd.Running, Batches.Start.AddHours(1)), (then!.History.Frames, then.History.End, then.LastTime));
        var now = await Histories.ReadAsync(Unit, ["x"], cut with { Head = null }, Never);
        Assert.Equal((4, UnitEnd.Failed, Batches.Start.AddHours(3)), (now!.History.Frames, now.History.End, now.LastTime));
    }

    [Fact]
    public async Task A_unit_replaced_on_schedule_is_censored_at_the_frame_of_the_event()
    {
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", [0, 1, 2, 3])));
        await _stores.Get<IMaintenanceLog>().AppendAsync(End(MaintenanceKind.Replaced, frame: 2), Never);
        var history = await ReadAsync(DateTimeOffset.MaxValue, "x");
        Assert.Equal((3, UnitEnd.Censored), (history.Frames, history.End));
    }

    [Fact]
    public async Task Uneven_times_are_cut_at_the_watermark_too()
    {
        var readings = Batches.Readings("a", 1, 0, ("x", [0, 1, 2]));
        readings.IntervalMs = 0;
        readings.TimeDeltasMs.AddRange([1000, 5000]);
        await StoreAsync(readings);
        Assert.Equal(2, (await ReadAsync(Batches.Start.AddSeconds(5), "x")).Frames);
        Assert.Equal(3, (await ReadAsync(Batches.Start.AddSeconds(6), "x")).Frames);
        Assert.Equal(1, await Histories.LastFrameAsync(Unit, Batches.Start.AddSeconds(5), Never));
    }

    [Fact]
    public async Task A_frame_counter_that_went_astray_ends_the_history_before_the_jump()
    {
        await StoreAsync(Batches.Readings("a", 1, 0, ("x", [0, 1])));
        await StoreAsync(Batches.Readings("a", 1, 1_000_000, ("x", [2])));
        Assert.Equal(2, (await ReadAsync(DateTimeOffset.MaxValue, "x")).Frames);
    }

    [Fact]
    public async Task Predictions_come_back_as_records()
    {
        var batch = Batches.Of("edge-01", 1);
        batch.Predictions.Add(new Predictions
        {
            Asset = "a",
            Installation = 1,
            Model = "m",
            Version = 2,
            ModelDigest = ByteString.CopyFrom(new byte[32]),
            Role = PredictionRole.Shadow,
            Frames = { 30, 31 },
            Outputs = { new OutputColumn { Name = "rul", Values = { 99.5f, 98.5f } }, new OutputColumn { Name = "rul_upper", Values = { 110f, 109f } } },
        });
        await _stores.Get<ITelemetryStore>().AppendAsync(BatchCheck.Check(Device, batch.ToByteArray(), Batches.Start), Never);

        var stored = Assert.Single(await _stores.Get<ITelemetryStore>().ReadAsync(0, 10, Never));
        var predictions = TelemetryReader.Predictions(stored, TelemetryReader.Decode(stored)).ToList();
        Assert.Equal([(30, 99.5f, 110f), (31, 98.5f, 109f)], predictions.Select(p => (p.Frame, p.Rul, p.RulUpper)));
        Assert.All(predictions, p => Assert.Equal((Device, Unit, "m", 2, PredictionRole.Shadow, float.NaN), (p.Device, p.Unit, p.Model, p.Version, p.Role, p.RulLower)));
    }

    public void Dispose()
    {
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    private UnitHistories Histories => new(_stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>());

    private async Task<UnitHistory> ReadAsync(DateTimeOffset watermark, params string[] channels) =>
        (await Histories.ReadAsync(Unit, channels, new(watermark), Never))?.History ?? throw new InvalidOperationException("nothing is stored");

    private Task<AppendOutcome> StoreAsync(params Readings[] readings) =>
        _stores.Get<ITelemetryStore>().AppendAsync(
            BatchCheck.Check(Device, Batches.Of("edge-01", ++_sequence, readings).ToByteArray(), Batches.Start), Never);

    private static MaintenanceEvent End(MaintenanceKind kind, long frame) =>
        new() { Id = "end", Asset = "a", Installation = 1, Kind = kind, Frame = frame, At = Batches.Start.AddHours(frame) };
}

public sealed class SqliteUnitHistoriesTests() : UnitHistoriesContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresUnitHistoriesTests() : UnitHistoriesContract(StoreKind.Postgres);
