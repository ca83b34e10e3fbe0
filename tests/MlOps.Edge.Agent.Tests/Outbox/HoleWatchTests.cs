using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Outbox;

public class HoleWatchTests
{
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _clock = new();
    private readonly HoleWatch _watch;

    public HoleWatchTests() => _watch = new(Apart, _clock);

    [Fact]
    public void A_hole_counts_once_when_a_later_acknowledgement_shows_it_some_time_after()
    {
        Assert.Empty(_watch.Look(1, reach: 101, [new(51, 100)]));
        _clock.Advance(Apart - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_watch.Look(1, reach: 102, [new(51, 100)]));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([new(51, 100)], _watch.Look(1, reach: 103, [new(51, 100)]));
        Assert.Empty(_watch.Look(1, reach: 104, []));
    }

    [Fact]
    public void An_acknowledgement_that_was_held_up_or_came_twice_makes_none_count()
    {
        Assert.Empty(_watch.Look(1, reach: 7, [new(6, 6)]));
        _clock.Advance(2 * Apart);
        Assert.Empty(_watch.Look(1, reach: 7, [new(6, 6)]));
        Assert.Empty(_watch.Look(1, reach: 9, []));
        Assert.Empty(_watch.Look(1, reach: 10, [new(6, 6)]));
    }

    [Fact]
    public void Of_a_hole_that_changes_counts_what_was_seen_twice()
    {
        Assert.Empty(_watch.Look(1, reach: 20, [new(5, 10), new(15, 16)]));
        _clock.Advance(Apart);
        Assert.Equal([new(5, 6), new(9, 10)], _watch.Look(1, reach: 30, [new(3, 6), new(9, 12)]));
        _clock.Advance(Apart);
        Assert.Equal([new(3, 4), new(11, 12)], _watch.Look(1, reach: 31, [new(3, 4), new(11, 12)]));
    }

    [Fact]
    public void A_stream_of_which_nothing_more_comes_is_to_be_asked_once_an_acknowledgement()
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, _watch.UntilUnsure);
        _watch.Look(2, reach: 9, [new(3, 3)]);
        Assert.Empty(_watch.TakeUnsure());
        Assert.Equal(Apart, _watch.UntilUnsure);
        _clock.Advance(Apart);
        Assert.Equal(TimeSpan.Zero, _watch.UntilUnsure);
        Assert.Equal([2L], _watch.TakeUnsure());
        Assert.Empty(_watch.TakeUnsure());
        Assert.Equal(Timeout.InfiniteTimeSpan, _watch.UntilUnsure);
        Assert.Empty(_watch.Look(2, reach: 9, [new(3, 3)]));
        Assert.Equal([2L], _watch.TakeUnsure());
        Assert.Equal([new(3, 3)], _watch.Look(2, reach: 10, [new(3, 3)]));
    }

    [Fact]
    public void Holes_are_what_an_acknowledgement_leaves_out_between_what_it_names()
    {
        Assert.Empty(SequenceRanges.Holes(new("e", 9, [])));
        Assert.Equal([new(10, 11), new(13, 19)], SequenceRanges.Holes(new("e", 9, [new(20, 30), new(12, 12)])));
        Assert.Equal([new(10, 10), new(15, 16)], SequenceRanges.Without([new(10, 11), new(13, 19)], [new(17, 40), new(11, 14)]));
    }
}
