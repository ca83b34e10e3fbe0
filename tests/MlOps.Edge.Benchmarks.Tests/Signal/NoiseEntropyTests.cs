using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Tests.Signal;

public sealed class NoiseEntropyTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void Wide_noise_has_the_differential_entropy_of_a_normal_distribution(double steps) =>
        Assert.Equal(Math.Log2(steps * Math.Sqrt(2 * Math.PI * Math.E)), NoiseEntropy.Bits(steps), 2);

    [Fact]
    public void Noise_far_below_a_step_says_nothing() => Assert.Equal(0, NoiseEntropy.Bits(0.1), 4);

    [Theory]
    [InlineData(0.5)]
    [InlineData(3)]
    public void Drawn_and_rounded_noise_has_the_computed_entropy(double steps)
    {
        const int draws = 200_000;
        var random = new SeededNormal(7);

        var counts = Enumerable.Range(0, draws).Select(_ => (long)Math.Round(steps * random.Normal())).CountBy(step => step);

        Assert.Equal(NoiseEntropy.Bits(steps), -counts.Sum(count => count.Value / (double)draws * Math.Log2(count.Value / (double)draws)), 2);
    }
}
