using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Tests.Figures;

public sealed class LimitTests
{
    [Theory]
    [InlineData(1.6, true)]
    [InlineData(1.61, false)]
    public void At_most_includes_the_bound(double value, bool held) => Assert.Equal(held, new Limit("", value, AtMost: 1.6).Held);

    [Theory]
    [InlineData(1_500_000, true)]
    [InlineData(1_499_999, false)]
    public void At_least_includes_the_bound(double value, bool held) => Assert.Equal(held, new Limit("", value, AtLeast: 1_500_000).Held);
}
