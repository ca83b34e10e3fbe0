using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public abstract class FrameRangeContract(StoreKind kind) : IDisposable
{
    private static readonly RangeQuery All = new() { From = QueryTime.At(DateTimeOffset.UnixEpoch), Resolution = Resolution.Raw };

    private readonly QueryRoom _room = new(kind);

    [Fact]
    public async Task Frames_come_in_order_of_time_each_once_and_what_was_stored_first_counts()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 4, ("x", [4, 5])));
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [0, 1])));
        await _room.StoreAsync(QueryRoom.Seconds("a", 1, ("x", [99, 2])), QueryRoom.Seconds("a", 3, ("x", [3])));

        var page = Assert.Single(await _room.ReadAsync(All));

        Assert.Equal([0, 1, 2, 3, 4, 5], page.Frames!);
        Assert.Equal([0, 1, 2, 3, 4, 5], page.Values[0]);
        Assert.Equal(Enumerable.Range(0, 6).Select(s => Batches.Start.AddSeconds(s).ToUnixTimeMilliseconds()), page.Times);
    }

    [Fact]
    public async Task A_span_holds_its_beginning_and_not_its_end()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [0, 1, 2, 3, 4])));
        var page = Assert.Single(await _room.ReadAsync(All with { From = QueryTime.At(Batches.Start.AddSeconds(1)), To = QueryTime.At(Batches.Start.AddSeconds(3)) }));
        Assert.Equal([1, 2], page.Frames!);
        Assert.Empty(await _room.ReadAsync(All with { From = QueryTime.At(Batches.Start.AddSeconds(1.5)), To = QueryTime.At(Batches.Start.AddSeconds(1.8)) }));
    }

    [Fact]
    public async Task Channels_come_as_they_are_asked_for_and_one_that_a_unit_lacks_is_not_a_number()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [1]), ("y", [2])), QueryRoom.Seconds("b", 0, ("z", [3])));
        var pages = await _room.ReadAsync(All with { Channels = ["z", "x"] });
        Assert.Equal([("a#1", float.NaN, 1), ("b#1", 3, float.NaN)], pages.Select(p => (p.Unit.ToString(), p.Values[0][0], p.Values[1][0])));
        Assert.Equal([("x", "1"), ("y", "1"), ("z", "1")], (await _room.PlanAsync(All)).Channels.Select(c => (c.Name, c.Unit)));
    }

    [Fact]
    public async Task Times_are_corrected_and_a_page_is_of_one_device()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [0])));
        await _room.SendAsync("edge-02", b => b.Readings.Add(QueryRoom.Seconds("a", 1, ("x", [1]))), new(TimeSpan.FromDays(2), ClockTrust.Corrected));
        var pages = await _room.ReadAsync(All);
        Assert.Equal([("edge-01", Batches.Start), ("edge-02", Batches.Start.AddDays(2).AddSeconds(1))], pages.Select(p => (p.Device.ToString(), DateTimeOffset.FromUnixTimeMilliseconds(p.Times[0]))));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(30, 301)]
    public async Task A_long_life_comes_bit_for_bit_in_slices_and_in_few_reads_whatever_silences_it_has(int silentDays, int mostBatches)
    {
        // A day and a half in the order in which a link that fails would bring it. A slice is of some 82 batches; behind a silence it may be longer.
        var random = new Random(7);
        var truth = Enumerable.Range(0, 120_000).Select(i => random.Next(50) == 0 ? float.NaN : BitConverter.Int32BitsToSingle(random.Next())).ToArray();
        var blocks = Enumerable.Range(0, 600).ToArray();
        random.Shuffle(blocks.AsSpan(100, 400));
        foreach (var block in blocks)
        {
            var readings = QueryRoom.Seconds("a", (ulong)(block * 200), ("x", truth[(block * 200)..((block + 1) * 200)]));
            readings.FirstTimeMs += block < 300 ? 0 : (long)TimeSpan.FromDays(silentDays).TotalMilliseconds;
            await _room.StoreAsync(readings);
        }

        var pages = await _room.ReadAsync(All);

        Assert.Equal(Enumerable.Range(0, truth.Length).Select(i => (long)i), pages.SelectMany(p => p.Frames!));
        Assert.Equal(truth.Select(BitConverter.SingleToInt32Bits), pages.SelectMany(p => p.Values[0]).Select(BitConverter.SingleToInt32Bits));
        Assert.All(pages, p => Assert.InRange(p.Times.Count, 1, 4096));
        Assert.InRange(_room.History.MostBatches, 1, mostBatches);
        Assert.InRange(_room.History.Reads, 1, 60);
    }

    [Theory]
    [InlineData(5000, Resolution.Raw)]
    [InlineData(4000, Resolution.Minute)]
    [InlineData(70, Resolution.Hour)]
    public async Task Auto_is_the_finest_that_gives_no_more_points_than_asked_for(int maxPoints, Resolution expected)
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", new float[4500])), QueryRoom.Seconds("b", 0, ("x", [1])));
        Assert.Equal(expected, (await _room.PlanAsync(new() { From = QueryTime.At(Batches.Start), MaxPoints = maxPoints })).Resolution);
    }

    [Fact]
    public async Task Without_times_it_is_the_last_hour_that_was_read()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", new float[5000])));
        var plan = await _room.PlanAsync(new());
        Assert.Equal((Batches.Start.AddSeconds(4999 - 3600), Batches.Start.AddSeconds(4999).AddMilliseconds(1)), (plan.From, plan.To));
    }

    [Fact]
    public async Task A_unit_whose_clock_is_ahead_by_years_does_not_hide_the_others()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", new float[10])), QueryRoom.Seconds("b", 10_000_000, ("x", new float[10])));
        Assert.Equal(Batches.Start.AddSeconds(9).AddMilliseconds(1), (await _room.PlanAsync(new())).To);
        Assert.Equal(20, (await _room.ReadAsync(new() { From = QueryTime.At(Batches.Start), To = QueryTime.At(Batches.Start.AddYears(7000)), Resolution = Resolution.Raw })).Sum(page => page.Times.Count));
    }

    [Fact]
    public async Task Where_nothing_was_stored_there_is_nothing_to_read() => Assert.Empty(await _room.ReadAsync(new()));

    [Fact]
    public async Task What_makes_no_sense_is_told()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [1])));
        async Task RefusedAsync(string parameter, RangeQuery query) => Assert.Equal(parameter, (await Assert.ThrowsAsync<InvalidQueryException>(() => _room.PlanAsync(query))).Parameter);
        await RefusedAsync("from", new() { From = new(TimeAnchor.Now, TimeSpan.Zero) });
        await RefusedAsync("maxPoints", new() { MaxPoints = 0 });
        var unknown = await Assert.ThrowsAsync<MlOps.Edge.Cloud.Assets.UnknownUnitException>(() => _room.PlanAsync(new() { Channels = ["y"] }));
        Assert.Equal("None of these units has a channel 'y'; known are x.", unknown.Message);
    }

    public void Dispose()
    {
        _room.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class SqliteFrameRangeTests() : FrameRangeContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresFrameRangeTests() : FrameRangeContract(StoreKind.Postgres);
