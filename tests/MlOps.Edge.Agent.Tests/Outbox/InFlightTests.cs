using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class InFlightTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly SetClock _clock = new();
    private readonly InFlight _inFlight;

    public InFlightTests() => _inFlight = new(Patience, new(TestAgent.Device), _clock);

    [Fact]
    public void A_batch_that_nobody_answers_comes_ever_more_rarely_though_others_are_answered()
    {
        var sends = 0;
        for (var second = 0; second < 1000; second++)
        {
            if (second == 0 || _inFlight.Overdue.Contains(new(1, 1)))
            {
                _inFlight.Send(new(1, 1));
                sends++;
            }

            _inFlight.Send(new(1, second + 2));
            _inFlight.Settle(1, new("", 0, [new(2, second + 2)]));
            Assert.Equal(1, _inFlight.Count);
            _clock.Pass(TimeSpan.FromSeconds(1));
        }

        // 10, 20, 40, 80, then every 160 s, each 80 to 120 %.
        Assert.InRange(sends, 8, 12);
    }

    [Fact]
    public void A_hole_is_old_enough_after_a_tenth_of_the_patience_and_later_each_time()
    {
        _inFlight.Send(new(1, 1));
        Assert.Empty(_inFlight.LostBefore(new(1, 2)));
        _clock.Pass(Patience / 10);
        Assert.Equal([new BatchKey(1, 1)], _inFlight.LostBefore(new(1, 2)));
        Assert.Empty(_inFlight.LostBefore(new(1, 1)));
        Assert.Empty(_inFlight.LostBefore(new(2, 2)));

        _inFlight.Send(new(1, 1));
        _clock.Pass(Patience / 10);
        Assert.Empty(_inFlight.LostBefore(new(1, 2)));
        _clock.Pass(Patience / 10);
        Assert.Single(_inFlight.LostBefore(new(1, 2)));
    }

    [Fact]
    public void What_an_acknowledgement_speaks_of_is_let_go()
    {
        for (var sequence = 1; sequence <= 6; sequence++)
        {
            _inFlight.Send(new(1, sequence));
        }

        _inFlight.Send(new(2, 1));
        _inFlight.Settle(1, new("", 2, [new(4, 4)], [new(6, 6)]));
        _clock.Pass(2 * Patience);
        Assert.Equal([new BatchKey(1, 3), new(1, 5), new(2, 1)], _inFlight.Overdue);
    }

    private sealed class SetClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
