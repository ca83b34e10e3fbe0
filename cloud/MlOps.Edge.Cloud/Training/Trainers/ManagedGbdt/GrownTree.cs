using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;

/// <summary>A tree while it grows: splits by bin. Children as in <see cref="DecisionTree"/>.</summary>
internal sealed class GrownTree
{
    private readonly List<Node> _splits = [];
    private readonly List<double> _leaves = [0];

    /// <summary>Replaces a leaf by a node; the leaf's number stays with the left side, the right side gets a new one.</summary>
    /// <param name="leaf">The leaf to split.</param>
    /// <param name="parent">The node it hangs from, −1 for the root.</param>
    /// <param name="isLeft">On which side of its parent it hangs.</param>
    /// <returns>The new node and the right side's leaf.</returns>
    public (int Node, int RightLeaf) Split(int leaf, int parent, bool isLeft, int feature, int bin)
    {
        int node = _splits.Count, right = _leaves.Count;
        if (parent >= 0)
        {
            Node above = _splits[parent];
            _splits[parent] = isLeft ? above with { Left = node } : above with { Right = node };
        }

        _splits.Add(new(feature, bin, ~leaf, ~right));
        _leaves.Add(0);
        return (node, right);
    }

    public void SetLeaf(int leaf, double value) => _leaves[leaf] = value;

    public double Evaluate(BinnedTable table, int row)
    {
        int node = _splits.Count == 0 ? ~0 : 0;
        while (node >= 0)
        {
            Node split = _splits[node];
            node = table.Bins[split.Feature][row] <= split.Bin ? split.Left : split.Right;
        }

        return _leaves[~node];
    }

    public DecisionTree ToDecisionTree(BinnedTable table) => new(
        [.. _splits.Select(split => split.Feature)],
        [.. _splits.Select(split => table.Cuts[split.Feature][split.Bin])],
        [.. _splits.Select(split => split.Left)],
        [.. _splits.Select(split => split.Right)],
        [.. _leaves]);

    private readonly record struct Node(int Feature, int Bin, int Left, int Right);
}
