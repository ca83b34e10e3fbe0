using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Features;

/// <summary>
/// Tells the operating regimes of a machine apart by its setting channels: the nearest of some centroids in settings scaled
/// to [0, 1]. Found by leader clustering (Hartigan, Clustering Algorithms, 1975, ch. 3); where the settings are one cloud
/// rather than a few tight points there is one regime.
/// </summary>
internal sealed record RegimeMap
{
    /// <summary>A frame farther than this from every centroid leads a new one (of a unit cube's side).</summary>
    private const double LeaderDistance = 0.15;

    /// <summary>Regimes are points: frames lie, on average, nearer than this to their centroid.</summary>
    private const double Tightness = 0.03;

    private const int MostRegimes = 12;

    /// <summary>The columns of the setting channels.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>What stands for a missing setting: its mean over the training frames.</summary>
    public required double[] Mean { get; init; }

    public required double[] Minimum { get; init; }

    /// <summary>1 / (maximum − minimum), or 0 for a setting that never moves.</summary>
    public required double[] Scale { get; init; }

    /// <summary>The centroids in scaled settings; one, and unused, where there is a single regime.</summary>
    public required IReadOnlyList<double[]> Centroids { get; init; }

    public int Count => Centroids.Count;

    public static RegimeMap Fit(ModelDefinition definition, IReadOnlyList<UnitHistory> units)
    {
        int[] channels = [.. Enumerable.Range(0, definition.Channels.Count)
            .Where(channel => definition.Channels[channel].Role == ChannelRole.Setting)];
        double[] mean = new double[channels.Length], minimum = new double[channels.Length], scale = new double[channels.Length];
        for (int i = 0; i < channels.Length; i++)
        {
            (mean[i], minimum[i], scale[i]) = Range(units, channels[i]);
        }

        var map = new RegimeMap { Channels = channels, Mean = mean, Minimum = minimum, Scale = scale, Centroids = [new double[channels.Length]] };
        return map.Lead(units) is { } centroids ? map with { Centroids = centroids } : map;
    }

    /// <summary>The regime of one raw frame.</summary>
    public int Of(ReadOnlySpan<float> frame) => Count == 1 ? 0 : Nearest(Scaled(frame), Centroids).Index;

    private static (double Mean, double Minimum, double Scale) Range(IReadOnlyList<UnitHistory> units, int channel)
    {
        double sum = 0, minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        long count = 0;
        foreach (UnitHistory unit in units)
        {
            for (int frame = 0; frame < unit.Frames; frame++)
            {
                double value = unit.Row(frame)[channel];
                if (double.IsFinite(value))
                {
                    sum += value;
                    count++;
                    minimum = Math.Min(minimum, value);
                    maximum = Math.Max(maximum, value);
                }
            }
        }

        return count == 0 ? (0, 0, 0) : (sum / count, minimum, maximum > minimum ? 1 / (maximum - minimum) : 0);
    }

    private List<double[]>? Lead(IReadOnlyList<UnitHistory> units)
    {
        var centroids = new List<double[]>();
        var members = new List<int>();
        double distances = 0;
        long frames = 0;
        foreach (UnitHistory unit in units)
        {
            for (int frame = 0; frame < unit.Frames; frame++)
            {
                double[] point = Scaled(unit.Row(frame));
                (int index, double distance) = Nearest(point, centroids);
                frames++;
                if (distance > LeaderDistance)
                {
                    if (centroids.Count == MostRegimes)
                    {
                        return null;
                    }

                    centroids.Add(point);
                    members.Add(1);
                    continue;
                }

                distances += distance;
                members[index]++;
                for (int i = 0; i < point.Length; i++)
                {
                    centroids[index][i] += (point[i] - centroids[index][i]) / members[index];
                }
            }
        }

        return centroids.Count > 1 && distances / frames <= Tightness ? centroids : null;
    }

    private double[] Scaled(ReadOnlySpan<float> frame)
    {
        var point = new double[Channels.Count];
        for (int i = 0; i < point.Length; i++)
        {
            float value = frame[Channels[i]];
            point[i] = ((float.IsNaN(value) ? Mean[i] : value) - Minimum[i]) * Scale[i];
        }

        return point;
    }

    private static (int Index, double Distance) Nearest(double[] point, IReadOnlyList<double[]> centroids)
    {
        int best = -1;
        double shortest = double.PositiveInfinity;
        for (int k = 0; k < centroids.Count; k++)
        {
            double square = 0;
            for (int i = 0; i < point.Length; i++)
            {
                double difference = point[i] - centroids[k][i];
                square += difference * difference;
            }

            if (square < shortest)
            {
                (best, shortest) = (k, square);
            }
        }

        return (best, Math.Sqrt(shortest));
    }
}
