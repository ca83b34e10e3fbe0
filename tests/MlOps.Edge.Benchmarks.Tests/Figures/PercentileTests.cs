using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Tests.Figures;

public sealed class PercentileTests
{
    private static readonly double[] Hundred = [.. Enumerable.Range(1, 100)];

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.991, 100)]
    [InlineData(1, 100)]
    [InlineData(0.001, 1)]
    public void It_is_the_smallest_value_that_is_not_below_the_share(double share, double expected) => Assert.Equal(expected, Percentile.Of(Hundred, share));

    [Fact]
    public void Of_one_value_every_percentile_is_that_value() => Assert.Equal(7, Percentile.Of([7], 0.01));

    [Fact]
    public void Of_nothing_there_is_none() => Assert.True(double.IsNaN(Percentile.Of([], 0.5)));

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    public void A_share_outside_is_refused(double share) => Assert.Throws<ArgumentOutOfRangeException>(() => Percentile.Of(Hundred, share));
}
