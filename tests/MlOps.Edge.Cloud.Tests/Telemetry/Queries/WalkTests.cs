using CsCheck;
using MlOps.Edge.Cloud.Telemetry.Queries;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public sealed class WalkTests
{
    [Fact]
    public void Slices_follow_one_another_over_the_whole_span_and_end_at_whole_steps() =>
        Gen.Select(Gen.Long[0, 100], Gen.Long[0, 400], Gen.Select(Gen.Long[0, 600], Gen.Long[0, 600]), Gen.Long[1, 50], Gen.Long[1, 20], Gen.Int[0, 30].Array[1, 8]).Sample((from, length, life, slice, step, held) =>
        {
            var (start, at, turn) = (from * step, from * step, 0);
            var walk = new Walk(start, start + length * step, life.Item1, life.Item1 + life.Item2, slice, step);
            while (walk.MoveNext())
            {
                Assert.Equal(at, walk.From);
                Assert.True(walk.To > walk.From && walk.To % step == 0);
                walk.Saw(held[turn++ % held.Length], 10);
                at = walk.To;
            }

            Assert.Equal(start + length * step, at);
        });

    [Fact]
    public void An_age_of_nothing_is_crossed_in_a_few_slices_that_stop_where_life_begins()
    {
        const long Year = 365L * 24 * 3_600_000;
        var (walk, slices) = (new Walk(0, 56 * Year, 55 * Year, 56 * Year, 1000, 1), 0);
        while (walk.MoveNext() && walk.To <= 55 * Year)
        {
            walk.Saw(0, 10);
            slices++;
        }

        Assert.InRange(slices, 10, 60);
        Assert.Equal(55 * Year, walk.From);
    }

    [Fact]
    public void Centuries_to_come_are_crossed_in_a_few_slices_too()
    {
        const long Year = 365L * 24 * 3_600_000;
        var (walk, slices) = (new Walk(0, 8000 * Year, 0, 1000, 1000, 1), 0);
        while (walk.MoveNext())
        {
            walk.Saw(walk.From < 1000 ? 10 : 0, 10);
            slices++;
        }

        Assert.InRange(slices, 10, 60);
    }

    [Fact]
    public void A_ledger_of_frames_holds_what_was_added_and_nothing_else() => Gen.Long[0, 60].Array[0, 80].Sample(frames =>
    {
        var (ledger, truth) = (new FrameLedger(), new HashSet<long>());
        foreach (var frame in frames)
        {
            Assert.Equal(truth.Contains(frame), ledger.Holds(frame));
            if (truth.Add(frame))
            {
                ledger.Add(frame);
            }
        }

        Assert.All(Enumerable.Range(0, 62), frame => Assert.Equal(truth.Contains(frame), ledger.Holds(frame)));
    });
}
