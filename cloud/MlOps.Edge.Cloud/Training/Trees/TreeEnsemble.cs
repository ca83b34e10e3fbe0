using MlOps.Edge.Cloud.Training.Onnx;

namespace MlOps.Edge.Cloud.Training.Trees;

/// <summary>A sum of trees over a constant, whoever trained them.</summary>
internal sealed record TreeEnsemble(double Base, IReadOnlyList<DecisionTree> Trees)
{
    /// <summary>The mean of several ensembles, as one.</summary>
    public static TreeEnsemble Average(IReadOnlyList<TreeEnsemble> ensembles)
    {
        double share = 1.0 / ensembles.Count;
        return new(
            ensembles.Sum(ensemble => ensemble.Base) * share,
            [.. ensembles.SelectMany(ensemble => ensemble.Trees)
                .Select(tree => tree with { Leaf = [.. tree.Leaf.Select(value => value * share)] })]);
    }

    public double Evaluate(ReadOnlySpan<float> row)
    {
        double sum = Base;
        foreach (DecisionTree tree in Trees)
        {
            sum += tree.Evaluate(row);
        }

        return sum;
    }

    /// <summary>Adds the ensemble as one <c>TreeEnsembleRegressor</c> (ai.onnx.ml 3): float32 <c>[batch, F]</c> to <c>[batch, 1]</c>.</summary>
    public OnnxValue AddTo(OnnxGraph graph, OnnxValue features)
    {
        List<long> tree = [], node = [], feature = [], yes = [], no = [], leafTree = [], leafNode = [];
        List<float> threshold = [], weight = [];
        List<string> mode = [];
        for (int t = 0; t < Trees.Count; t++)
        {
            DecisionTree source = Trees[t];
            int nodes = source.Feature.Count;
            long Child(int child) => child >= 0 ? child : nodes + ~child;
            for (int i = 0; i < nodes + source.Leaf.Count; i++)
            {
                bool isNode = i < nodes;
                tree.Add(t);
                node.Add(i);
                mode.Add(isNode ? "BRANCH_LEQ" : "LEAF");
                feature.Add(isNode ? source.Feature[i] : 0);
                threshold.Add(isNode ? source.Threshold[i] : 0);
                yes.Add(isNode ? Child(source.Left[i]) : 0);
                no.Add(isNode ? Child(source.Right[i]) : 0);
                if (!isNode)
                {
                    leafTree.Add(t);
                    leafNode.Add(i);
                    weight.Add((float)source.Leaf[i - nodes]);
                }
            }
        }

        return graph.AddMachineLearning(
            "TreeEnsembleRegressor",
            [features],
            OnnxAttribute.Of("n_targets", 1),
            OnnxAttribute.Of("aggregate_function", "SUM"),
            OnnxAttribute.Of("post_transform", "NONE"),
            OnnxAttribute.Of("base_values", [(float)Base]),
            OnnxAttribute.Of("nodes_treeids", tree),
            OnnxAttribute.Of("nodes_nodeids", node),
            OnnxAttribute.Of("nodes_modes", mode),
            OnnxAttribute.Of("nodes_featureids", feature),
            OnnxAttribute.Of("nodes_values", threshold),
            OnnxAttribute.Of("nodes_truenodeids", yes),
            OnnxAttribute.Of("nodes_falsenodeids", no),
            OnnxAttribute.Of("target_treeids", leafTree),
            OnnxAttribute.Of("target_nodeids", leafNode),
            OnnxAttribute.Of("target_ids", [.. leafTree.Select(_ => 0L)]),
            OnnxAttribute.Of("target_weights", weight));
    }
}
