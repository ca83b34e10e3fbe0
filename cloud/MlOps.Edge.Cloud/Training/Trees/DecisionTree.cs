namespace MlOps.Edge.Cloud.Training.Trees;

/// <summary>
/// A binary regression tree as parallel arrays. Node 0 is the root; a child ≥ 0 is a node, a child &lt; 0 is the leaf ~child.
/// A row goes left where its feature ≤ the threshold. A tree without nodes is its only leaf.
/// </summary>
internal sealed record DecisionTree(
    IReadOnlyList<int> Feature,
    IReadOnlyList<float> Threshold,
    IReadOnlyList<int> Left,
    IReadOnlyList<int> Right,
    IReadOnlyList<double> Leaf)
{
    public double Evaluate(ReadOnlySpan<float> row)
    {
        if (Feature.Count == 0)
        {
            return Leaf[0];
        }

        int node = 0;
        while (node >= 0)
        {
            node = row[Feature[node]] <= Threshold[node] ? Left[node] : Right[node];
        }

        return Leaf[~node];
    }
}
