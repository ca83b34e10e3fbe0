using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Queries;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public abstract class LiveFeedContract(StoreKind kind) : IDisposable
{
    private readonly QueryRoom _room = new(kind);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_reader_gets_what_is_stored_after_it_came_of_its_units_and_channels()
    {
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [0]), ("y", [0])), QueryRoom.Seconds("b", 0, ("x", [0])));
        using var all = await _room.Feed.SubscribeAsync(new(), [], Cancelled);
        using var one = await _room.Feed.SubscribeAsync(new() { Assets = [UnitSet.Parse("a")] }, ["y"], Cancelled);
        await _room.StoreAsync(QueryRoom.Seconds("b", 1, ("x", [1])));
        await _room.StoreAsync(QueryRoom.Seconds("a", 1, ("x", [2, 3]), ("y", [4, 5])));

        var (first, second, only) = (await NextAsync(all), await NextAsync(all), await NextAsync(one));

        Assert.Equal(("b#1", 1, 1f), (first.Page.Unit.ToString(), first.Page.Frames![0], first.Page.Values[0][0]));
        Assert.Equal(["x", "y"], second.Channels.Select(c => c.Name));
        Assert.Equal((0, "a#1"), (only.Missed, only.Page.Unit.ToString()));
        Assert.Equal([1, 2], only.Page.Frames!);
        Assert.Equal([4, 5], Assert.Single(only.Page.Values));
    }

    [Fact]
    public async Task Who_comes_while_the_store_is_being_read_misses_nothing_of_what_is_stored_then()
    {
        var store = HeldReads.Over(_room.Store);
        await using var feed = new LiveFeed(store, _room.Selection, _room.Queries, _room.Clock);
        using var first = await feed.SubscribeAsync(new(), [], Cancelled);
        await ((HeldReads)store).Asked.WaitAsync(Cancelled);
        using var second = await feed.SubscribeAsync(new(), [], Cancelled);
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [1])));
        ((HeldReads)store).LetGo();
        await _room.StoreAsync(QueryRoom.Seconds("a", 1, ("x", [2])));
        foreach (var reader in (ILiveSubscription[])[first, second])
        {
            Assert.Equal([[0L], [1L]], [(await NextAsync(reader)).Page.Frames!, (await NextAsync(reader)).Page.Frames!]);
        }
    }

    [Fact]
    public async Task Who_reads_too_slowly_skips_ahead_and_is_told_how_many_frames_were_missed()
    {
        const int Frames = 1000;
        const int Sent = LiveSubscription.MostFrames / Frames * 2 + 5;
        using var quick = await _room.Feed.SubscribeAsync(new(), [], Cancelled);
        using var slow = await _room.Feed.SubscribeAsync(new(), [], Cancelled);
        for (var i = 0; i < Sent; i++)
        {
            await _room.StoreAsync(QueryRoom.Seconds("a", (ulong)(i * Frames), ("x", new float[Frames])));
            var live = await NextAsync(quick);
            Assert.Equal((0, i * Frames), (live.Missed, live.Page.Frames![0]));
        }

        var (missed, seen) = (0L, 0L);
        for (var last = -1L; last < (Sent * Frames) - 1;)
        {
            var live = await NextAsync(slow);
            Assert.Equal(last + 1 + live.Missed, live.Page.Frames![0]);
            (missed, seen, last) = (missed + live.Missed, seen + live.Page.Frames.Count, live.Page.Frames[^1]);
        }

        Assert.Equal(Sent * Frames, missed + seen);
        Assert.InRange(seen, Frames, LiveSubscription.MostFrames);
    }

    [Fact]
    public async Task The_feed_goes_on_for_whoever_comes_after_the_last_reader_has_gone()
    {
        (await _room.Feed.SubscribeAsync(new(), [], Cancelled)).Dispose();
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [1])));
        using var reader = await _room.Feed.SubscribeAsync(new(), [], Cancelled);
        await _room.StoreAsync(QueryRoom.Seconds("a", 1, ("x", [2])));
        Assert.Equal([1], (await NextAsync(reader)).Page.Frames!);
    }

    [Fact]
    public async Task A_selector_that_names_nothing_there_is_refused()
    {
        await Assert.ThrowsAsync<UnknownUnitException>(() => _room.Feed.SubscribeAsync(new() { Devices = [DeviceId.Parse("edge-09")] }, [], Cancelled));
        await _room.StoreAsync(QueryRoom.Seconds("a", 0, ("x", [1])));
        await Assert.ThrowsAsync<UnknownUnitException>(() => _room.Feed.SubscribeAsync(new(), ["y"], Cancelled));
    }

    public void Dispose()
    {
        _room.Dispose();
        GC.SuppressFinalize(this);
    }

    // The feed looks by the clock, and the clock is the test's.
    private async Task<LiveReadings> NextAsync(ILiveSubscription reader)
    {
        var next = reader.NextAsync(Cancelled).AsTask();
        while (await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancelled)) != next)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        return await next;
    }
}

public sealed class SqliteLiveFeedTests() : LiveFeedContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresLiveFeedTests() : LiveFeedContract(StoreKind.Postgres);
