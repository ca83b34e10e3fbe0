namespace MlOps.Edge.Cloud.Training.Features;

/// <summary>
/// Linear summaries of a channel over the frames of a window: its last value, means and slopes over several spans, and an
/// exponential average. As rows of a matrix <c>[K, T]</c> they are one product in the graph.
/// </summary>
internal static class TimeFunctionals
{
    private const double EwmaWeight = 0.2;

    /// <summary>The K rows, each of T weights, oldest frame first. K depends on T alone.</summary>
    public static IReadOnlyList<double[]> Over(int frames)
    {
        int[] spans = [.. new[] { 1, 5, 15, 30, frames }.Where(span => span <= frames).Distinct().Order()];
        return
        [
            .. spans.Select(span => Mean(frames, span)),
            .. spans.Where(span => span >= 5).Select(span => Slope(frames, span)),
            Ewma(frames),
        ];
    }

    private static double[] Mean(int frames, int span) => Row(frames, span, _ => 1.0 / span);

    /// <summary>The direction of the least-squares slope, scaled to length 1 so that noise has the size of the channel's own.</summary>
    private static double[] Slope(int frames, int span)
    {
        double middle = (span - 1) / 2.0, length = 0;
        for (int i = 0; i < span; i++)
        {
            length += (i - middle) * (i - middle);
        }

        length = Math.Sqrt(length);
        return Row(frames, span, i => (i - middle) / length);
    }

    private static double[] Ewma(int frames)
    {
        var row = new double[frames];
        double weight = 1, sum = 0;
        for (int i = frames - 1; i >= 0; i--)
        {
            row[i] = weight;
            sum += weight;
            weight *= 1 - EwmaWeight;
        }

        return [.. row.Select(value => value / sum)];
    }

    private static double[] Row(int frames, int span, Func<int, double> weight)
    {
        var row = new double[frames];
        for (int i = 0; i < span; i++)
        {
            row[frames - span + i] = weight(i);
        }

        return row;
    }
}
