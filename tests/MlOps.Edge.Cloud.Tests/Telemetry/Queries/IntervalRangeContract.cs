using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public abstract class IntervalRangeContract(StoreKind kind) : IDisposable
{
    private static readonly UnitRef Unit = UnitRef.Parse("a#1");
    private static readonly RangeQuery Minutes = new() { From = QueryTime.At(Batches.Start), Resolution = Resolution.Minute };

    private readonly QueryRoom _room = new(kind);

    [Fact]
    public async Task Without_rollups_intervals_are_computed_from_the_readings()
    {
        var values = Enumerable.Range(0, 150).Select(i => i == 7 ? float.NaN : i).ToArray();
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", values), ("y", [.. Enumerable.Repeat(float.NaN, 150)])));

        var page = Assert.Single(await _room.ReadAsync(Minutes));

        Assert.Null(page.Frames);
        Assert.Equal([0, 1, 2], page.Times.Select(ms => (ms - Batches.Start.ToUnixTimeMilliseconds()) / 60_000));
        Assert.Equal([60, 60, 30], page.Intervals!.Frames);
        Assert.Equal([0, 60, 120], page.Intervals.Least[0]);
        Assert.Equal([59, 119, 149], page.Intervals.Greatest[0]);
        Assert.Equal([(float)((59 * 30 - 7) / 59.0), 89.5f, 134.5f], page.Values[0]);
        Assert.All(page.Values[1].Concat(page.Intervals.Least[1]), v => Assert.True(float.IsNaN(v)));
    }

    [Fact]
    public async Task A_span_takes_whole_intervals()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", new float[300])));
        var page = Assert.Single(await _room.ReadAsync(Minutes with { From = QueryTime.At(Batches.Start.AddSeconds(90)), To = QueryTime.At(Batches.Start.AddSeconds(130)) }));
        Assert.Equal([60, 60], page.Intervals!.Frames);
    }

    [Fact]
    public async Task Rollups_are_taken_as_far_as_they_go_and_the_newest_minutes_are_computed()
    {
        // The readings of minute 0 are deleted already, the rollup has seen half of minute 2, and minute 3 not at all.
        await _room.StoreAsync(QueryRoom.Seconds("a", 60, ("x", [.. Enumerable.Repeat(5f, 180)])));
        Roll(RollupInterval.Minute, Batches.Start, ["x"], (60, 1, 3, 2, 60), (60, 5, 5, 5, 60), (30, 5, 5, 5, 30));

        var pages = await _room.ReadAsync(Minutes);

        Assert.Equal([60, 60, 60, 60], pages.SelectMany(p => p.Intervals!.Frames));
        Assert.Equal([2, 5, 5, 5], pages.SelectMany(p => p.Values[0]));
        Assert.Equal([1, 5, 5, 5], pages.SelectMany(p => p.Intervals!.Least[0]));
    }

    [Fact]
    public async Task The_last_row_of_the_rollups_counts_where_its_readings_are_deleted()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 119, ("x", [7])));
        Roll(RollupInterval.Minute, Batches.Start, ["x"], (60, 1, 3, 2, 60), (60, 4, 6, 5, 60));
        Assert.Equal([(60, 2f), (60, 5f)], (await _room.ReadAsync(Minutes)).SelectMany(p => p.Intervals!.Frames.Zip(p.Values[0])));
    }

    [Fact]
    public async Task Rows_of_two_schemas_add_up_and_channels_that_were_lost_meanwhile_are_known()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 3600 * 30, ("x", [9])));
        Roll(RollupInterval.Hour, Batches.Start, ["old", "x"], (10, 1, 3, 2, 10), (10, 1, 1, 1, 10));
        Roll(RollupInterval.Hour, Batches.Start, ["x"], (30, 0, 8, 6, 30));
        // The helper gives every channel of a row the same figures.

        var plan = await _room.PlanAsync(Minutes with { Resolution = Resolution.Hour });
        var rows = (await _room.ReadAsync(Minutes with { Resolution = Resolution.Hour, Channels = ["x", "old"] })).SelectMany(p =>
            p.Times.Select((t, i) => (p.Intervals!.Frames[i], p.Values[0][i], p.Intervals.Least[0][i], p.Intervals.Greatest[0][i], p.Values[1][i])));

        Assert.Equal(["x", "old"], plan.Channels.Select(c => c.Name));
        Assert.Equal([(40, 5, 0, 8, 2), (10, 1, 1, 1, 1), (1, 9, 9, 9, float.NaN)], rows);
    }

    public void Dispose()
    {
        _room.Dispose();
        GC.SuppressFinalize(this);
    }

    // Rows of consecutive intervals; the same figures for every channel.
    private void Roll(RollupInterval interval, DateTimeOffset start, string[] channels, params (uint Frames, float Least, float Greatest, float Mean, float Present)[] rows)
    {
        ByteString Pack(Func<(uint Frames, float Least, float Greatest, float Mean, float Present), float> value) =>
            ByteString.CopyFrom(new ColumnEncoder().Encode(channels.Select(_ => new ReadOnlyMemory<float>([.. rows.Select(value)]))));
        var schema = new Schema { Channels = { channels.Select(c => new SchemaChannel { Name = c, Unit = "1" }) } };
        var summary = new Summary
        {
            Asset = "a",
            Installation = 1,
            IntervalMs = (uint)interval,
            FirstTimeMs = start.ToUnixTimeMilliseconds(),
            Least = Pack(r => r.Least),
            Greatest = Pack(r => r.Greatest),
            Mean = Pack(r => r.Mean),
            Present = Pack(r => r.Present),
        };
        summary.Frames.AddRange(rows.Select(r => r.Frames));
        _room.History.Rollups.Add((Unit, interval, new(schema, summary)));
    }
}

public sealed class SqliteIntervalRangeTests() : IntervalRangeContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresIntervalRangeTests() : IntervalRangeContract(StoreKind.Postgres);
