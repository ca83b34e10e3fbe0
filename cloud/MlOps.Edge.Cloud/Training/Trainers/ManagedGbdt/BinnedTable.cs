namespace MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

/// <summary>A table whose features are replaced by the index of a bin, column by column, with cuts at quantiles.</summary>
internal sealed class BinnedTable
{
    public const int MostBins = 255;

    private BinnedTable(byte[][] bins, float[][] cuts)
    {
        Bins = bins;
        Cuts = cuts;
    }

    /// <summary><c>[columns][rows]</c>.</summary>
    public byte[][] Bins { get; }

    /// <summary><c>[columns]</c>, ascending: a value is in bin ≤ k exactly where it is ≤ cut k.</summary>
    public float[][] Cuts { get; }

    public static BinnedTable Of(FeatureTable table)
    {
        var bins = new byte[table.Columns][];
        var cuts = new float[table.Columns][];
        var column = new float[table.Rows];
        for (int feature = 0; feature < table.Columns; feature++)
        {
            for (int row = 0; row < table.Rows; row++)
            {
                column[row] = table.Features[(row * table.Columns) + feature];
            }

            float[] chosen = cuts[feature] = Quantiles(column);
            bins[feature] = [.. column.Select(value => Bin(chosen, value))];
        }

        return new(bins, cuts);
    }

    private static byte Bin(float[] cuts, float value)
    {
        int index = Array.BinarySearch(cuts, value);
        return (byte)(index < 0 ? ~index : index);
    }

    private static float[] Quantiles(float[] column)
    {
        float[] sorted = [.. column.Order()];
        var cuts = new List<float>();
        double share = (double)sorted.Length / MostBins, next = share;
        for (int i = 0; i + 1 < sorted.Length && cuts.Count < MostBins - 1; i++)
        {
            if (i + 1 >= next && sorted[i + 1] > sorted[i])
            {
                float middle = sorted[i] + ((sorted[i + 1] - sorted[i]) / 2);
                cuts.Add(middle < sorted[i + 1] ? middle : sorted[i]);
                next = Math.Max(next + share, i + 1 + (share / 2));
            }
        }

        return [.. cuts];
    }
}
