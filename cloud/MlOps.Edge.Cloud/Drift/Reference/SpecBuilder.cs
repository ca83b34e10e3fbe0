using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>Chooses bin edges, regimes and age bands from quiet units.</summary>
internal static class SpecBuilder
{
    // Twelve quantile bins, and outside of them values that no unit showed and values that no unit comes near.
    private const int QuantileBins = 12;

    // Scales with how long the machines live, so that a pump's years and an engine's flights are cut alike.
    private const int BlocksPerMedianLife = 20;
    private const int BlocksPerBand = 5;

    public static SketchSpec Freeze(ModelDefinition model, IReadOnlyList<UnitHistory> units)
    {
        long[] lives = [.. units.Select(u => u.FirstFrame + u.Frames).Order()];
        var block = (int)Math.Clamp(lives[lives.Length / 2] / BlocksPerMedianLife, 1, 1_000_000);
        return new SketchSpec
        {
            Channels = [.. model.Channels.Select((c, i) => Bins(c.Name, Finite(units, i)))],
            Regimes = RegimeFinder.Find(model, units),
            AgeEdges = Ages(units, block * BlocksPerBand),
            Block = block,
        }.Checked();
    }

    /// <summary>Bands of equal width, the last one opening where fewer units than a spread needs live through a further one.</summary>
    private static long[] Ages(IReadOnlyList<UnitHistory> units, long width)
    {
        var needed = Math.Max(ReferenceSketch.FewestUnits, units.Count * 15 / 100);
        var edges = new List<long>();
        for (var edge = width; edges.Count < 255; edge += width)
        {
            var middle = edge + (width / 2);
            if (units.Count(u => u.FirstFrame <= edge && u.FirstFrame + u.Frames >= middle) < needed)
            {
                break;
            }

            edges.Add(edge);
        }

        return [.. edges];
    }

    private static float[] Finite(IReadOnlyList<UnitHistory> units, int channel)
    {
        var values = units
            .SelectMany(u => Enumerable.Range(0, u.Frames).Select(f => u.Values[(f * u.Channels) + channel]))
            .Where(float.IsFinite)
            .ToArray();
        Array.Sort(values);
        return values;
    }

    private static ChannelBins Bins(string name, float[] sorted)
    {
        if (sorted.Length == 0)
        {
            // Training never saw a value: any value at all is news, and all are counted as such.
            return new() { Name = name, Edges = [0f], Center = 0, Scale = 1 };
        }

        var mean = sorted.Average(v => (double)v);
        var deviation = Math.Sqrt(sorted.Average(v => (v - mean) * (v - mean)));
        var grain = Math.Max(Math.Abs(mean) * 1e-5, 1e-9);
        return new()
        {
            Name = name,
            Edges = Edges(sorted, grain),
            Center = (float)mean,
            Scale = (float)Math.Max(deviation, grain * 100),
        };
    }

    private static float[] Edges(float[] sorted, double grain)
    {
        var distinct = new List<float>();
        foreach (var value in sorted)
        {
            if (distinct.Count == 0 || value > distinct[^1])
            {
                distinct.Add(value);
                if (distinct.Count > QuantileBins)
                {
                    break;
                }
            }
        }

        var inner = distinct.Count > QuantileBins ? Quantiles(sorted) : Between(distinct, grain);
        var span = Math.Max((double)inner[^1] - inner[0], grain * 100);
        float[] edges = [(float)(inner[0] - span), .. inner, (float)(inner[^1] + span)];
        return [.. edges.Where(float.IsFinite).Distinct().Order()];
    }

    private static List<float> Quantiles(float[] sorted) =>
    [
        .. Enumerable.Range(0, QuantileBins).Select(q => sorted[(int)((long)q * sorted.Length / QuantileBins)]),
        // Edges belong to the bin above them: the greatest value seen must stay below the last one.
        MathF.BitIncrement(sorted[^1]),
    ];

    /// <summary>A bin for each of a few values: halfway between neighbours, and as far outside the outermost.</summary>
    private static List<float> Between(List<float> distinct, double grain)
    {
        var halves = distinct.Zip(distinct.Skip(1), (a, b) => (float)(((double)a + b) / 2)).ToList();
        var step = distinct.Count == 1 ? grain : distinct.Zip(distinct.Skip(1), (a, b) => (double)b - a).Min() / 2;
        return [(float)(distinct[0] - step), .. halves, (float)(distinct[^1] + step)];
    }
}
