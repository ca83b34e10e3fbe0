namespace MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

/// <summary>
/// Grows one tree leaf by leaf, always splitting the leaf that gains most. Sums run in row order on one thread, and ties fall
/// to the first candidate, so that a tree depends on nothing but its input.
/// </summary>
internal sealed class TreeGrower(BinnedTable table, float[] weights, BoostingOptions options, int features)
{
    private const double LeastGain = 1e-9;

    private readonly int[] _scratch = new int[weights.Length];
    private readonly Stack<Histogram> _spare = new();

    /// <param name="gradients">Weighted residuals, by row of the table.</param>
    /// <param name="rows">The rows of this tree's sample; reordered so that each leaf's rows are neighbours.</param>
    /// <param name="chosen">The features of this tree's sample.</param>
    public GrownTree Grow(double[] gradients, Span<int> rows, int[] chosen)
    {
        var tree = new GrownTree();
        var root = new Leaf { Length = rows.Length, Histogram = Rent() };
        root.Histogram.Count(table, chosen, rows, gradients, weights);
        foreach (int row in rows)
        {
            root.Gradient += gradients[row];
            root.Weight += weights[row];
        }

        FindSplit(root, chosen);
        List<Leaf> leaves = [root];
        while (leaves.Count < options.Leaves && Best(leaves) is { } best)
        {
            (Leaf left, Leaf right) = Divide(tree, best, gradients, rows, chosen);
            leaves[best.Number] = left;
            leaves.Add(right);
        }

        foreach (Leaf leaf in leaves)
        {
            tree.SetLeaf(leaf.Number, options.LearningRate * leaf.Gradient / (leaf.Weight + options.L2));
            _spare.Push(leaf.Histogram);
        }

        return tree;
    }

    private static Leaf? Best(List<Leaf> leaves)
    {
        Leaf? best = null;
        foreach (Leaf leaf in leaves)
        {
            if (leaf.Gain > (best?.Gain ?? 0))
            {
                best = leaf;
            }
        }

        return best;
    }

    private (Leaf Left, Leaf Right) Divide(GrownTree tree, Leaf leaf, double[] gradients, Span<int> rows, int[] chosen)
    {
        int feature = chosen[leaf.Feature], kept = 0, moved = 0;
        Span<int> own = rows.Slice(leaf.Start, leaf.Length);
        (int node, int number) = tree.Split(leaf.Number, leaf.Parent, leaf.IsLeft, feature, leaf.Bin);
        var left = new Leaf { Number = leaf.Number, Parent = node, IsLeft = true, Start = leaf.Start };
        foreach (int row in own)
        {
            if (table.Bins[feature][row] <= leaf.Bin)
            {
                own[kept++] = row;
                left.Gradient += gradients[row];
                left.Weight += weights[row];
            }
            else
            {
                _scratch[moved++] = row;
            }
        }

        _scratch.AsSpan(0, moved).CopyTo(own[kept..]);
        left.Length = kept;
        var right = new Leaf
        {
            Number = number,
            Parent = node,
            Start = leaf.Start + kept,
            Length = moved,
            Gradient = leaf.Gradient - left.Gradient,
            Weight = leaf.Weight - left.Weight,
        };

        // The smaller side is counted, the larger is what remains of the parent.
        (Leaf small, Leaf large) = kept <= moved ? (left, right) : (right, left);
        small.Histogram = Rent();
        small.Histogram.Count(table, chosen, rows.Slice(small.Start, small.Length), gradients, weights);
        leaf.Histogram.Subtract(small.Histogram);
        large.Histogram = leaf.Histogram;
        FindSplit(left, chosen);
        FindSplit(right, chosen);
        return (left, right);
    }

    private void FindSplit(Leaf leaf, int[] chosen)
    {
        double whole = Score(leaf.Gradient, leaf.Weight);
        for (int f = 0; f < chosen.Length; f++)
        {
            double gradient = 0, weight = 0;
            int count = 0, cuts = table.Cuts[chosen[f]].Length;
            for (int bin = 0; bin < cuts; bin++)
            {
                leaf.Histogram.Add(f, bin, ref gradient, ref weight, ref count);
                if (leaf.Length - count < options.RowsPerLeaf)
                {
                    break;
                }

                if (count >= options.RowsPerLeaf)
                {
                    double gain = Score(gradient, weight) + Score(leaf.Gradient - gradient, leaf.Weight - weight) - whole;
                    if (gain > leaf.Gain + LeastGain)
                    {
                        (leaf.Gain, leaf.Feature, leaf.Bin) = (gain, f, bin);
                    }
                }
            }
        }
    }

    private double Score(double gradient, double weight) => gradient * gradient / (weight + options.L2);

    private Histogram Rent() => _spare.TryPop(out Histogram? spare) ? spare : new Histogram(features);

    private sealed class Leaf
    {
        public int Number { get; init; }

        public int Parent { get; init; } = -1;

        public bool IsLeft { get; init; }

        public int Start { get; init; }

        public int Length { get; set; }

        public double Gradient { get; set; }

        public double Weight { get; set; }

        public Histogram Histogram { get; set; } = null!;

        public double Gain { get; set; }

        public int Feature { get; set; }

        public int Bin { get; set; }
    }
}
