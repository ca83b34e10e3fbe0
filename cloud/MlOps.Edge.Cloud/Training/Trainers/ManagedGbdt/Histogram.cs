namespace MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

/// <summary>Sums of gradients, weights and rows by feature and bin, for one leaf.</summary>
internal sealed class Histogram(int features)
{
    private const int Bins = BinnedTable.MostBins + 1;

    private readonly double[] _gradients = new double[features * Bins];
    private readonly double[] _weights = new double[features * Bins];
    private readonly int[] _counts = new int[features * Bins];

    /// <summary>Counts some rows afresh.</summary>
    public void Count(BinnedTable table, int[] chosen, ReadOnlySpan<int> rows, double[] gradients, float[] weights)
    {
        Array.Clear(_gradients);
        Array.Clear(_weights);
        Array.Clear(_counts);
        for (int f = 0; f < chosen.Length; f++)
        {
            byte[] bins = table.Bins[chosen[f]];
            Span<double> gradient = _gradients.AsSpan(f * Bins, Bins), weight = _weights.AsSpan(f * Bins, Bins);
            Span<int> count = _counts.AsSpan(f * Bins, Bins);
            foreach (int row in rows)
            {
                int bin = bins[row];
                gradient[bin] += gradients[row];
                weight[bin] += weights[row];
                count[bin]++;
            }
        }
    }

    public void Subtract(Histogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _gradients[i] -= other._gradients[i];
            _weights[i] -= other._weights[i];
            _counts[i] -= other._counts[i];
        }
    }

    /// <summary>Adds one bin to running sums.</summary>
    public void Add(int feature, int bin, ref double gradient, ref double weight, ref int count)
    {
        int index = (feature * Bins) + bin;
        gradient += _gradients[index];
        weight += _weights[index];
        count += _counts[index];
    }
}
