namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>How quiet units differ from each other when they are new: the mean level of their first blocks, by channel.</summary>
/// <param name="Means">Over units.</param>
/// <param name="Limits">How far from the mean no quiet unit begins.</param>
internal sealed record UnitBirths(double[] Means, double[] Limits)
{
    public const int Blocks = 4;

    // A birth alone proves nothing (makes of machines differ): it only confirms a step, so the margin is not large. But less
    // than the channel's own scale is no offset, however alike the reference's machines are when new.
    private const double Deviations = 4;
    private const double Margin = 1.25;
    private const double Least = 1;

    public static UnitBirths Of(double[][][] lives, int channels)
    {
        var (means, farthest) = (new double[channels], new double[channels]);
        for (var channel = 0; channel < channels; channel++)
        {
            double[] births =
            [
                .. lives.Where(life => life.Length >= Blocks)
                    .Select(life => life.Take(Blocks).Average(block => block[channel]))
                    .Where(double.IsFinite),
            ];
            if (births.Length < 3)
            {
                farthest[channel] = double.PositiveInfinity;
                continue;
            }

            var mean = births.Average();
            var deviation = Math.Sqrt(births.Sum(b => (b - mean) * (b - mean)) / (births.Length - 1));
            means[channel] = mean;
            farthest[channel] = Math.Max(Least, Math.Max(Deviations * deviation, Margin * births.Max(b => Math.Abs(b - mean))));
        }

        return new(means, farthest);
    }
}
