using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class StreamChoiceTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);
    private readonly OutboxOptions _options = new();
    private readonly Agent.Outbox.Outbox _outbox;
    private readonly StreamChoice _choice;

    public StreamChoiceTests()
    {
        _outbox = _folder.Open();
        _choice = new(_options, _outbox, _link, _clock);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_short_outage_changes_nothing_and_a_long_one_begins_the_backlog_until_the_link_is_back()
    {
        _link.Set(up: true);
        Assert.Equal(StreamKind.Live, Choose());
        _link.Set(up: false);
        Assert.Equal([.. Enumerable.Repeat(StreamKind.Live, 30), StreamKind.Backlog, StreamKind.Backlog], After(seconds: 32));

        // Up again: live at once, though nothing of before has been acknowledged yet.
        _outbox.Commit(new(), []);
        _link.Set(up: true);
        Assert.Equal(StreamKind.Live, Choose());
    }

    [Fact]
    public void A_link_that_comes_and_goes_does_not_make_it_flap()
    {
        _link.Set(up: true);
        for (var i = 0; i < 20; i++)
        {
            _link.Set(up: i % 2 == 0);
            Assert.All(After(seconds: 20), kind => Assert.Equal(StreamKind.Live, kind));
        }
    }

    [Fact]
    public void A_cloud_that_says_nothing_is_as_good_as_no_link_until_it_speaks()
    {
        _link.Set(up: true);
        _outbox.Commit(new(), []);
        _outbox.Commit(new(), []);
        Assert.Equal(StreamKind.Live, Choose());
        Assert.Equal(StreamKind.Backlog, After(seconds: 31)[^1]);
        Assert.Equal(StreamKind.Backlog, After(seconds: 31)[^1]);
        _outbox.Acknowledge(new(_outbox.Epoch(), 1, []));
        Assert.Equal(StreamKind.Live, Choose());
    }

    [Fact]
    public void A_link_that_is_too_slow_for_what_is_live_gives_it_up_until_it_has_nearly_drained()
    {
        _link.Set(up: true);
        for (var i = 1; i <= 33; i++)
        {
            Assert.Equal(StreamKind.Live, Choose());
            _outbox.Commit(new(), []);
        }

        Assert.Equal(StreamKind.Backlog, Choose());
        var epoch = _outbox.Epoch();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _outbox.Acknowledge(new(epoch, 24, []));
        Assert.Equal(StreamKind.Backlog, Choose()); // nine are left
        _outbox.Acknowledge(new(epoch, 25, []));
        Assert.Equal(StreamKind.Live, Choose());
    }

    [Fact]
    public void It_can_be_turned_off()
    {
        _options.BacklogAfter = Timeout.InfiniteTimeSpan;
        Assert.All(After(seconds: 100), kind => Assert.Equal(StreamKind.Live, kind));
    }

    private StreamKind Choose() => _choice.Choose();

    private StreamKind[] After(int seconds) => [.. Enumerable.Range(0, seconds).Select(_ =>
    {
        var kind = _choice.Choose();
        _clock.Advance(TimeSpan.FromSeconds(1));
        return kind;
    })];
}
