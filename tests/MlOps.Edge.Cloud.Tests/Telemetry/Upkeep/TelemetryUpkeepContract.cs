using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

/// <summary>What a store's upkeep owes those who read it.</summary>
/// <param name="together">How many batches a device hands over at a time.</param>
public abstract class TelemetryUpkeepContract(StoreKind kind, int together) : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly DateTimeOffset Later = Batches.Start.AddYears(1);

    private readonly TemporaryStores _stores = new(kind);
    private readonly SampledPump _pump = new("a", 5);

    private ITelemetryStore Store => _stores.Get<ITelemetryStore>();

    private ITelemetryUpkeep Upkeep => _stores.Get<ITelemetryUpkeep>();

    [Fact]
    public async Task Compaction_keeps_every_frame_every_prediction_and_every_sequence_in_fewer_batches()
    {
        await StoreAsync(1, 120, sequence => sequence % 10 == 0);
        await StoreAsync(125, 130, _ => false); // and a hole
        var before = await FramesAsync();
        Assert.Equal(2, await Upkeep.CompactAsync(1, Later, Never));
        _stores.Reopen();

        Assert.Equal(before, await FramesAsync());
        Assert.Equal(13, (await Store.ReadAsync(0, 1000, Never)).Count); // twelve with a prediction, and the last
        Assert.Equal(Enumerable.Range(1, 12).Select(i => i * 10f), await PredictionsAsync());
        Assert.Equal([(1L, 120L), (125L, 130L)], Assert.Single(await Store.GetStreamsAsync(_pump.Device, Never)).Ranges);
        Assert.Equal(126, (await Store.CountAsync(Never)).Batches);
    }

    [Fact]
    public async Task What_was_compacted_is_still_recognised_when_it_comes_again()
    {
        await StoreAsync(1, 20, sequence => sequence == 10);
        await Upkeep.CompactAsync(1, Later, Never);
        Assert.Equal(AppendOutcome.Duplicate, await Store.AppendAsync(_pump.Record(7), Never));

        // Of this one the prediction is left, and what it was is known.
        Assert.Equal(AppendOutcome.Duplicate, await Store.AppendAsync(_pump.Record(10, predicts: true), Never));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(_pump.Record(10), Never));
        Assert.Equal(AppendOutcome.Duplicate, await Store.AppendAsync(_pump.Record(20), Never));
        Assert.Equal(AppendOutcome.Stored, await Store.AppendAsync(_pump.Record(21), Never));
        Assert.Equal(105, (await FramesAsync()).Count);
    }

    [Fact]
    public async Task A_snapshot_that_was_cut_before_is_cut_the_same_after()
    {
        await StoreAsync(1, 30, _ => false);
        var cut = new DataCut(Batches.Start.AddSeconds(120), new DataHead(await PositionOfAsync(18), 0));
        var before = await HistoryAsync(cut);
        await Upkeep.CompactAsync(1, Later, Never);

        var after = await HistoryAsync(cut);
        Assert.Equal(90, before.Count);
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Compacting_again_joins_what_was_joined_and_leaves_the_rest_alone()
    {
        await StoreAsync(1, 10, _ => false);
        Assert.Equal(1, await Upkeep.CompactAsync(1, Later, Never));
        await StoreAsync(11, 20, _ => false);
        Assert.Equal(1, await Upkeep.CompactAsync(1, Later, Never));
        Assert.Equal(0, await Upkeep.CompactAsync(1, Later, Never));
        Assert.Equal(1, await Upkeep.CompactAsync(2, Later, Never));
        Assert.Equal(100, (await FramesAsync()).Count);
        Assert.Equal(20, Assert.Single(await Store.ReadAsync(0, 10, Never)).Position);
    }

    [Fact]
    public async Task What_came_after_the_moment_stays_as_it_came()
    {
        await StoreAsync(1, 30, _ => false);
        await Upkeep.CompactAsync(1, Batches.Start.AddSeconds(101), Never); // sequences 1 to 20
        Assert.Equal(11, (await Store.ReadAsync(0, 1000, Never)).Count);
    }

    [Fact]
    public async Task A_span_of_time_is_found_before_and_after()
    {
        await StoreAsync(1, 60, _ => false);
        var (from, to) = (Batches.Start.AddSeconds(101), Batches.Start.AddSeconds(107));
        var history = _stores.Get<ITelemetryHistory>();
        var found = (await history.ReadSpanAsync(_pump.Unit, from, to, Never)).Select(b => b.Position).ToList();
        Assert.Equal([21L, 22], found.Where(position => position is 21 or 22));
        Assert.InRange(found.Count, 2, 2 * together); // those that came with them are found with them
        await Upkeep.CompactAsync(1, Later, Never);
        _stores.Reopen();
        Assert.Equal([60L], (await _stores.Get<ITelemetryHistory>().ReadSpanAsync(_pump.Unit, from, to, Never)).Select(b => b.Position));
        Assert.Empty(await _stores.Get<ITelemetryHistory>().ReadSpanAsync(_pump.Unit, to.AddDays(1), to.AddDays(2), Never));
    }

    [Fact]
    public async Task Rollups_are_what_the_readings_say_however_often_and_late_they_come()
    {
        foreach (var part in Enumerable.Range(1, 150).OrderBy(i => i * 31 % 150).Chunk(40))
        {
            foreach (var sequence in part)
            {
                await Store.AppendAsync(_pump.Record(sequence), Never);
            }

            await Upkeep.RollUpAsync(Never);
            _stores.Reopen();
        }

        var minutes = await RollupsAsync(RollupInterval.Minute);
        Assert.Equal(13, minutes.Count);
        Assert.All(minutes.Take(12), row => Assert.Equal(60u, row.Frames));
        foreach (var row in minutes)
        {
            var first = (int)(row.Time - Batches.Start).TotalSeconds;
            float[] flow = [.. Enumerable.Range(first, (int)row.Frames).Select(f => SampledPump.Flow(f)).Where(v => !float.IsNaN(v))];
            Assert.Equal((flow.Min(), flow.Max(), flow.Length), (row.Least, row.Greatest, (int)row.Present));
            Assert.Equal(flow.Average(v => (double)v), row.Mean, 1e-4);
        }

        Assert.Equal(750u, Assert.Single(await RollupsAsync(RollupInterval.Hour)).Frames);
    }

    [Fact]
    public async Task What_is_old_goes_and_does_not_come_back_and_its_rollups_stay()
    {
        await StoreAsync(1, 200, _ => false);
        var policy = new RetentionPolicy(Batches.Start.AddSeconds(501), long.MaxValue, TimeSpan.FromDays(9), TimeSpan.FromDays(9));
        Assert.Equal(0, await Upkeep.ExpireAsync(policy, Never)); // not in the rollups yet
        await Upkeep.RollUpAsync(Never);
        Assert.Equal(100, await Upkeep.ExpireAsync(policy, Never));
        _stores.Reopen();

        Assert.Equal(500, (await FramesAsync()).Min(f => f.Frame));
        Assert.Equal([(1L, 200L)], Assert.Single(await Store.GetStreamsAsync(_pump.Device, Never)).Ranges);
        Assert.Equal(AppendOutcome.Duplicate, await Store.AppendAsync(_pump.Record(3), Never));
        Assert.Equal(1000, (await RollupsAsync(RollupInterval.Minute)).Sum(row => row.Frames));
        Assert.Equal((0, 999), Assert.Single(await Store.ListUnitsAsync(Never)) is var unit ? (unit.FirstFrame, unit.LastFrame) : default);
    }

    [Fact]
    public async Task The_oldest_go_while_the_store_is_too_large()
    {
        await StoreAsync(1, 300, _ => false);
        await Upkeep.RollUpAsync(Never);
        await Upkeep.ExpireAsync(new(DateTimeOffset.UnixEpoch, 1, TimeSpan.FromDays(9), TimeSpan.FromDays(9)), Never);
        Assert.Empty(await Store.ReadAsync(0, 10, Never));
        Assert.Equal(300, await Store.GetHeadAsync(Never));
    }

    [Fact]
    public async Task What_a_device_summarised_is_in_the_rollups()
    {
        await StoreAsync(1, 1, _ => false);
        var tally = new Cloud.Telemetry.Upkeep.RollupTally(2);
        tally.Add(Batches.Start.AddMinutes(59).ToUnixTimeMilliseconds(), [[1, 2, 3], [4, 5, 6]], 0, 2);
        tally.Add(Batches.Start.AddMinutes(60).ToUnixTimeMilliseconds(), [[1, 2, 3], [4, 5, 6]], 2, 3);
        var summary = tally.ToSummary(RollupInterval.Minute, new());
        (summary.Asset, summary.Installation, summary.MachineKind, summary.Schema) = ("a", 1, "pump", SchemaId.Of(SampledPump.Schema));
        (summary.FirstFrame, summary.LastFrame) = (3540, 3600);
        var batch = Batches.Of(_pump.Device.ToString(), 2);
        batch.Summaries.Add(summary);
        await Store.AppendAsync(BatchCheck.Check(_pump.Device, Google.Protobuf.MessageExtensions.ToByteArray(batch), Batches.Start, _stores.Get<ISchemaBook>()), Never);
        await Upkeep.RollUpAsync(Never);

        Assert.Equal([5u, 2u, 1u], (await RollupsAsync(RollupInterval.Minute)).Select(row => row.Frames));
        Assert.Equal([7u, 1u], (await RollupsAsync(RollupInterval.Hour)).Select(row => row.Frames));
    }

    public void Dispose()
    {
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task StoreAsync(int first, int last, Func<int, bool> predicts)
    {
        foreach (var some in Enumerable.Range(first, last - first + 1).Chunk(together))
        {
            await Store.AppendAsync([.. some.Select(sequence => _pump.Record(sequence, predicts(sequence)))], Never);
        }

        _stores.Reopen(); // so that what is known of the units is saved, as it is after a second
    }

    private async Task<long> PositionOfAsync(int sequence) => (await Store.ReadAsync(0, 1000, Never))[sequence - 1].Position;

    private async Task<List<(long Frame, float Flow, float Speed)>> FramesAsync()
    {
        List<(long, float, float)> frames = [];
        await foreach (var stored in Store.ReadUnitAsync(_pump.Unit, Never))
        {
            var batch = TelemetryReader.Decode(stored);
            foreach (var block in batch.Readings)
            {
                frames.AddRange(TelemetryReader.Rows(batch, block, ["flow", "speed"]).Chunk(2).Select((row, i) => ((long)block.FirstFrame + i, row[0], row[1])));
            }
        }

        frames.Sort();
        Assert.All(frames, frame => Assert.Equal((SampledPump.Flow(frame.Item1), SampledPump.Speed(frame.Item1)), (frame.Item2, frame.Item3)));
        return frames;
    }

    private async Task<IReadOnlyList<float>> PredictionsAsync() =>
        [.. (await Store.ReadAsync(0, 1000, Never)).SelectMany(stored => TelemetryReader.Predictions(stored, TelemetryReader.Decode(stored))).Select(p => p.Rul)];

    private async Task<IReadOnlyList<float>> HistoryAsync(DataCut cut)
    {
        var unit = await new UnitHistories(Store, _stores.Get<Cloud.Assets.IMaintenanceLog>()).ReadAsync(_pump.Unit, ["speed"], cut, Never);
        return [.. unit!.History.Values.ToArray()];
    }

    private async Task<List<(DateTimeOffset Time, uint Frames, float Least, float Greatest, float Mean, float Present)>> RollupsAsync(RollupInterval interval)
    {
        List<(DateTimeOffset, uint, float, float, float, float)> rows = [];
        foreach (var chunk in await _stores.Get<ITelemetryHistory>().ReadRollupsAsync(_pump.Unit, interval, Batches.Start, Later, Never))
        {
            var (least, greatest, mean, present) = (First(chunk.Rows, r => r.Least), First(chunk.Rows, r => r.Greatest), First(chunk.Rows, r => r.Mean), First(chunk.Rows, r => r.Present));
            rows.AddRange(SummaryTimes.Of(chunk.Rows).Select((time, i) => (DateTimeOffset.FromUnixTimeMilliseconds(time), chunk.Rows.Frames[i], least[i], greatest[i], mean[i], present[i])));
        }

        return rows;
    }

    private static float[] First(Summary rows, Func<Summary, Google.Protobuf.ByteString> block)
    {
        var decoder = new Contracts.Telemetry.Columns.ColumnDecoder(block(rows).Span, rows.Frames.Count);
        var values = new float[rows.Frames.Count];
        decoder.Next(values);
        return values;
    }
}

public sealed class SqliteTelemetryUpkeepTests() : TelemetryUpkeepContract(StoreKind.Sqlite, 1);

public sealed class SqliteTelemetryUpkeepTogetherTests() : TelemetryUpkeepContract(StoreKind.Sqlite, 5);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresTelemetryUpkeepTests() : TelemetryUpkeepContract(StoreKind.Postgres, 5);
