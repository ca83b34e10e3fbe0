using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

/// <summary>
/// Gradient boosting on histograms with leaf-wise growth, squared error, in managed code: what LightGBM does, without what
/// makes it fast, for machines that its native library does not run on.
/// </summary>
internal sealed class ManagedGbdtTrainer : ITrainer
{
    public string Name => "managed-gbdt";

    public string Version => "1";

    public string? Unavailable => null;

    public ITrainedTrees Train(FeatureTable table, BoostingOptions options, int seed, CancellationToken cancellationToken)
    {
        BinnedTable binned = BinnedTable.Of(table);
        var random = new SplitMix((ulong)(uint)seed);
        double mean = WeightedMean(table);
        var predictions = new double[table.Rows];
        Array.Fill(predictions, mean);

        var gradients = new double[table.Rows];
        var rows = new int[table.Rows];
        int[] order = [.. Enumerable.Range(0, table.Columns)];
        int[] features = new int[Math.Max(1, (int)Math.Round(table.Columns * options.FeatureFraction))];
        var grower = new TreeGrower(binned, table.Weights, options, features.Length);
        var trees = new List<DecisionTree>(options.Trees);
        for (int t = 0; t < options.Trees; t++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int row = 0; row < gradients.Length; row++)
            {
                gradients[row] = (table.Targets[row] - predictions[row]) * table.Weights[row];
            }

            int sampled = SampleRows(ref random, options.RowFraction, rows);
            SampleFeatures(ref random, order, features);
            GrownTree grown = grower.Grow(gradients, rows.AsSpan(0, sampled), features);
            for (int row = 0; row < predictions.Length; row++)
            {
                predictions[row] += grown.Evaluate(binned, row);
            }

            trees.Add(grown.ToDecisionTree(binned));
        }

        return new Trained(new(mean, trees));
    }

    private static double WeightedMean(FeatureTable table)
    {
        double sum = 0, weights = 0;
        for (int row = 0; row < table.Rows; row++)
        {
            sum += table.Targets[row] * table.Weights[row];
            weights += table.Weights[row];
        }

        return sum / weights;
    }

    private static int SampleRows(ref SplitMix random, double fraction, int[] rows)
    {
        int count = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            if (random.NextDouble() < fraction)
            {
                rows[count++] = row;
            }
        }

        return count;
    }

    /// <summary>The first steps of a Fisher-Yates shuffle, then ascending, so that ties fall to the lower feature.</summary>
    private static void SampleFeatures(ref SplitMix random, int[] order, int[] features)
    {
        for (int i = 0; i < features.Length; i++)
        {
            int j = i + random.Next(order.Length - i);
            (order[i], order[j]) = (order[j], order[i]);
            features[i] = order[i];
        }

        Array.Sort(features);
    }

    private sealed class Trained(TreeEnsemble trees) : ITrainedTrees
    {
        public TreeEnsemble Trees { get; } = trees;

        public double[] Predict(float[] features, int columns)
        {
            var predictions = new double[features.Length / columns];
            for (int row = 0; row < predictions.Length; row++)
            {
                predictions[row] = Trees.Evaluate(features.AsSpan(row * columns, columns));
            }

            return predictions;
        }

        public void Dispose()
        {
        }
    }
}
