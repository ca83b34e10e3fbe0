using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Tests.Machines;

public class SeededRandomTests
{
    [Fact]
    public void The_same_seed_and_name_give_the_same_numbers() =>
        Assert.Equal(Draw(new SeededRandom(7, "pump/wear")), Draw(new SeededRandom(7, "pump/wear")));

    [Theory]
    [InlineData(8, "pump/wear")]
    [InlineData(7, "pump/duty")]
    [InlineData(-7, "pump/wear")]
    public void Another_seed_or_name_gives_others(long seed, string name) =>
        Assert.Empty(Draw(new SeededRandom(7, "pump/wear")).Intersect(Draw(new SeededRandom(seed, name))));

    [Fact]
    public void Neighbouring_seeds_are_not_alike()
    {
        double[] first = [.. Enumerable.Range(0, 2_000).Select(seed => new SeededRandom(seed, "change").NextDouble())];

        Assert.InRange(first.Average(), 0.47, 0.53);
        Assert.InRange(Correlation(first[..^1], first[1..]), -0.08, 0.08);
    }

    [Fact]
    public void Normal_numbers_have_mean_0_and_deviation_1_and_no_memory()
    {
        var random = new SeededRandom(1, "normal");
        double[] drawn = [.. Enumerable.Range(0, 20_000).Select(_ => random.Normal())];

        Assert.InRange(drawn.Average(), -0.03, 0.03);
        Assert.InRange(drawn.Average(x => x * x), 0.96, 1.04);
        Assert.InRange(Correlation(drawn[..^1], drawn[1..]), -0.03, 0.03);
    }

    [Fact]
    public void Whole_numbers_reach_both_ends_and_go_no_further()
    {
        var random = new SeededRandom(1, "whole");
        int[] drawn = [.. Enumerable.Range(0, 1_000).Select(_ => random.Between(3, 8))];

        Assert.Equal((3, 8), (drawn.Min(), drawn.Max()));
    }

    [Fact]
    public void A_shuffle_loses_nothing_and_moves_most()
    {
        var shuffled = new SeededRandom(1, "shuffle").Shuffle(Enumerable.Range(0, 100));

        Assert.Equal(Enumerable.Range(0, 100), shuffled.Order());
        Assert.InRange(shuffled.Where((item, index) => item == index).Count(), 0, 6);
    }

    private static double[] Draw(SeededRandom random) => [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble())];

    private static double Correlation(double[] a, double[] b)
    {
        var (ma, mb) = (a.Average(), b.Average());
        var cross = a.Zip(b, (x, y) => (x - ma) * (y - mb)).Sum();
        return cross / Math.Sqrt(a.Sum(x => (x - ma) * (x - ma)) * b.Sum(y => (y - mb) * (y - mb)));
    }
}
