namespace MlOps.Edge.Benchmarks.Signal;

/// <summary>
/// What no lossless code can save: the entropy of the noise after rounding (C. E. Shannon, "A mathematical theory of communication", 1948, over the
/// probabilities of the steps that a normal distribution falls on).
/// </summary>
internal static class NoiseEntropy
{
    private const int Cells = 64;

    /// <summary>Bits per reading of white noise that is rounded to whole steps.</summary>
    /// <param name="steps">Its standard deviation in steps, above 0.</param>
    public static double Bits(double steps)
    {
        var (bits, most) = (0.0, (int)Math.Ceiling(8 * steps) + 1);
        for (var k = -most; k <= most; k++)
        {
            var p = Probability(k - 0.5, k + 0.5, steps);
            bits -= p > 0 ? p * Math.Log2(p) : 0;
        }

        return bits;
    }

    /// <summary>The mean over the channels of the reference signal.</summary>
    public static double OfReference { get; } = ChannelShape.All.Average(channel => Bits(channel.NoiseSteps));

    // Simpson's rule over the density; 64 cells a step are exact to ten digits from a tenth of a step of noise on.
    private static double Probability(double from, double to, double deviation)
    {
        var (width, sum) = ((to - from) / Cells, 0.0);
        for (var i = 0; i <= Cells; i++)
        {
            var z = (from + i * width) / deviation;
            sum += Math.Exp(-z * z / 2) * (i is 0 or Cells ? 1 : i % 2 == 0 ? 2 : 4);
        }

        return sum * width / 3 / (deviation * Math.Sqrt(2 * Math.PI));
    }
}
