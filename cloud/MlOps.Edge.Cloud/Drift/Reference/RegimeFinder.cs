using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>
/// Finds the operating regimes: the most clusters of the settings that stand well apart. Settings that make one cloud are
/// one regime. Lloyd's algorithm from farthest-first seeds, so that the same rows give the same centroids.
/// </summary>
internal static class RegimeFinder
{
    private const int MostRegimes = 8;
    private const int MostRows = 4000;

    // Two halves of one normal cloud lie 2.6 of their own deviations apart, two halves of a uniform one 3.5.
    private const double Apart = 6;

    public static RegimeMap Find(ModelDefinition model, IReadOnlyList<UnitHistory> units)
    {
        int[] settings = [.. model.Channels.Index().Where(c => c.Item.Role == ChannelRole.Setting).Select(c => c.Index)];
        var rows = Rows(settings, units);
        if (rows.Count == 0)
        {
            return RegimeMap.One;
        }

        var means = settings.Select((_, i) => rows.Average(r => r[i])).ToArray();
        var spreads = settings.Select((_, i) => Math.Sqrt(rows.Average(r => (r[i] - means[i]) * (r[i] - means[i])))).ToArray();
        int[] moving = [.. settings.Index().Where(s => spreads[s.Index] > 1e-6 * Math.Max(1e-3, Math.Abs(means[s.Index]))).Select(s => s.Index)];
        double[][] scaled = [.. rows.Select(r => moving.Select(i => (r[i] - means[i]) / spreads[i]).ToArray())];
        for (var count = Math.Min(MostRegimes, rows.Count); count > 1 && moving.Length > 0; count--)
        {
            if (Cluster(scaled, count) is { } centroids)
            {
                return new()
                {
                    Channels = [.. moving.Select(i => settings[i])],
                    Scales = [.. moving.Select(i => (float)spreads[i])],
                    Centroids = [.. centroids.Select(c => c.Select((v, i) => (float)((v * spreads[moving[i]]) + means[moving[i]])).ToArray())],
                    // The scaled mean is the origin.
                    Fallback = Nearest(new double[moving.Length], centroids),
                };
            }
        }

        return RegimeMap.One;
    }

    private static List<double[]> Rows(int[] settings, IReadOnlyList<UnitHistory> units)
    {
        var step = Math.Max(1, units.Sum(u => u.Frames) / MostRows);
        var rows = new List<double[]>();
        var at = 0;
        foreach (var unit in units)
        {
            for (var frame = 0; frame < unit.Frames; frame++)
            {
                if (at++ % step == 0)
                {
                    var row = new double[settings.Length];
                    for (var i = 0; i < settings.Length; i++)
                    {
                        row[i] = unit.Row(frame)[settings[i]];
                    }

                    if (row.All(double.IsFinite))
                    {
                        rows.Add(row);
                    }
                }
            }
        }

        return rows;
    }

    private static double[][]? Cluster(double[][] rows, int count)
    {
        var centroids = FarthestFirst(rows, count);
        var member = new int[rows.Length];
        for (var round = 0; round < 50; round++)
        {
            var moved = false;
            for (var r = 0; r < rows.Length; r++)
            {
                var nearest = Nearest(rows[r], centroids);
                moved |= nearest != member[r];
                member[r] = nearest;
            }

            for (var c = 0; c < count; c++)
            {
                double[][] own = [.. rows.Where((_, r) => member[r] == c)];

                // A regime of a few rows is a handful of outliers, not a way to run a machine.
                if (own.Length < Math.Max(2, rows.Length / 50))
                {
                    return null;
                }

                centroids[c] = [.. Enumerable.Range(0, rows[0].Length).Select(i => own.Average(o => o[i]))];
            }

            if (!moved && round > 0)
            {
                break;
            }
        }

        return StandApart(rows, member, centroids) ? [.. centroids.OrderBy(c => c, Lexical)] : null;
    }

    private static bool StandApart(double[][] rows, int[] member, double[][] centroids)
    {
        for (var a = 0; a < centroids.Length; a++)
        {
            for (var b = a + 1; b < centroids.Length; b++)
            {
                double[] line = [.. centroids[a].Zip(centroids[b], (x, y) => y - x)];
                var length = Math.Sqrt(line.Sum(v => v * v));
                double Spread(int c)
                {
                    var along = rows.Where((_, r) => member[r] == c)
                        .Select(row => row.Select((v, i) => (v - centroids[c][i]) * line[i]).Sum() / length);
                    return Math.Sqrt(along.Average(v => v * v));
                }

                if (length < Apart * Math.Max(Spread(a), Spread(b)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static double[][] FarthestFirst(double[][] rows, int count)
    {
        var seeds = new List<double[]> { rows[0] };
        while (seeds.Count < count)
        {
            seeds.Add(rows.MaxBy(r => seeds.Min(s => Distance(r, s)))!);
        }

        return [.. seeds];
    }

    private static int Nearest(double[] row, double[][] centroids) =>
        Enumerable.Range(0, centroids.Length).MinBy(c => Distance(row, centroids[c]));

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    private static readonly Comparer<double[]> Lexical = Comparer<double[]>.Create(static (a, b) =>
        a.Zip(b, (x, y) => x.CompareTo(y)).FirstOrDefault(order => order != 0));
}
