using MlOps.Edge.Agent.Models.Graph;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Models.Graph;

/// <summary>Hand-made files that ONNX Runtime must never see, and one that it may.</summary>
public class GraphCheckTests
{
    private static readonly ModelManifest Manifest = ModelPackage.Create().Manifest;

    private static string? Check(byte[] file, GraphBudget? budget = null, params string[] allowed) =>
        GraphCheck.Check(file, Manifest, budget ?? new(), new(allowed));

    [Fact]
    public void An_honest_model_passes() => Assert.Null(Check(OnnxFile.Mean().Bytes));

    [Fact]
    public void Every_truncation_of_a_model_is_refused_or_at_least_survived()
    {
        var file = OnnxFile.Mean().Bytes;
        Assert.All(Enumerable.Range(0, file.Length), length => Assert.NotNull(Check(file[..length])));
    }

    [Fact]
    public void Random_damage_never_throws()
    {
        var (file, random) = (OnnxFile.Mean().Bytes, new Random(1));
        for (var i = 0; i < 5000; i++)
        {
            var damaged = file.ToArray();
            for (var k = random.Next(1, 5); k > 0; k--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            Check(damaged);
        }
    }

    [Theory]
    [InlineData("Loop")]
    [InlineData("If")]
    [InlineData("ConstantOfShape")]
    [InlineData("Expand")]
    [InlineData("RandomNormal")]
    public void An_operator_that_is_not_on_the_list_is_refused(string name) =>
        Assert.Contains($"'{name}' is not allowed", Check(OnnxFile.Mean().Node(name, ["mean"], ["other"]).Bytes));

    [Fact]
    public void An_operator_may_be_allowed_by_configuration() =>
        Assert.Null(Check(OnnxFile.Mean().Node("Expand", ["mean", "weights"], ["other"]).Bytes, null, "Expand"));

    [Fact]
    public void Another_vendors_domain_is_refused() =>
        Assert.Contains("com.evil:Add", Check(OnnxFile.Mean().Node("Add", ["mean", "mean"], ["other"], node => node.Text(7, "com.evil")).Bytes));

    [Fact]
    public void A_graph_within_the_graph_is_refused() =>
        Assert.Contains("graph within the graph", Check(OnnxFile.Mean().Node("Identity", ["mean"], ["other"], node => node.Message(5, new Proto().Text(1, "body").Message(6, new Proto()))).Bytes));

    [Fact]
    public void Functions_and_training_graphs_are_refused()
    {
        Assert.Contains("functions", Check(OnnxFile.Mean().Model(model => model.Message(25, new Proto().Text(1, "f"))).Bytes));
        Assert.Contains("training", Check(OnnxFile.Mean().Model(model => model.Message(20, new Proto())).Bytes));
    }

    [Fact]
    public void Two_graphs_are_refused() =>
        Assert.Contains("two graphs", Check(OnnxFile.Mean().Model(model => model.Message(7, new Proto())).Bytes));

    [Fact]
    public void Data_outside_the_file_is_refused()
    {
        Assert.Contains("outside the file", Check(OnnxFile.Mean().Tensor(OnnxFile.Dims(1).Int(2, 1).Text(8, "w").Message(13, new Proto().Text(1, "location").Text(2, "/etc/passwd"))).Bytes));
        Assert.Contains("outside the file", Check(OnnxFile.Mean().Tensor(OnnxFile.Dims(1).Int(2, 1).Text(8, "w").Int(14, 1)).Bytes));
    }

    [Theory]
    [InlineData(1L << 29)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void A_tensor_of_few_bytes_that_declares_gigabytes_is_refused(long dimension) =>
        Assert.Contains("declares", Check(OnnxFile.Mean().Tensor(OnnxFile.Dims(dimension, 4).Int(2, 1).Text(8, "bomb").Raw(9, new byte[16])).Bytes));

    [Fact]
    public void A_tensor_that_brings_less_than_it_declares_is_refused() =>
        Assert.Contains("brings others", Check(OnnxFile.Mean().Tensor(OnnxFile.Dims(1000).Int(2, 1).Text(8, "bomb").Raw(9, new byte[16])).Bytes));

    [Fact]
    public void Constants_that_the_loader_would_fold_into_gigabytes_are_refused()
    {
        var column = new float[70_000];
        Assert.Contains("fold", Check(OnnxFile.Mean().Floats("a", [70_000, 1], column).Floats("b", [1, 70_000], column).Node("MatMul", ["a", "b"], ["c"]).Bytes));
    }

    [Fact]
    public void A_value_used_before_it_is_made_or_made_twice_is_refused()
    {
        Assert.Contains("before it is made", Check(OnnxFile.Mean().Node("Abs", ["later"], ["x"]).Node("Abs", ["mean"], ["later"]).Bytes));
        Assert.Contains("made twice", Check(OnnxFile.Mean().Node("Abs", ["mean"], ["mean"]).Bytes));
    }

    [Fact]
    public void More_nodes_than_the_budget_are_refused()
    {
        var file = OnnxFile.Mean();
        for (var i = 0; i < 10; i++)
        {
            file.Node("Abs", ["mean"], [$"n{i}"]);
        }

        Assert.Contains("more than 5 nodes", Check(file.Bytes, new GraphBudget { Nodes = 5 }));
    }

    [Fact]
    public void A_second_input_is_refused() => Assert.Contains("its inputs are", Check(OnnxFile.Mean().Input("more", [-1, 2]).Bytes));

    [Fact]
    public void An_input_of_another_shape_is_refused() => Assert.Contains("its inputs are", Check(new OnnxFile().Input("window", [-1, 5, 2]).Output("rul", [-1, 1]).Bytes));

    [Fact]
    public void An_output_that_no_node_makes_is_refused() =>
        Assert.Contains("no node makes", Check(new OnnxFile().Input("window", [-1, 4, 2]).Output("rul", [-1, 1]).Bytes));

    [Theory]
    [InlineData("0 1 2", "1 0 0", "2 0 0", "BRANCH_LEQ LEAF LEAF", null)]
    [InlineData("0 1 2", "1 0 0", "0 0 0", "BRANCH_LEQ BRANCH_LEQ LEAF", "two parents")]
    [InlineData("0 1 2", "1 0 0", "1 0 0", "BRANCH_LEQ LEAF LEAF", "two parents")]
    [InlineData("0 1 2", "1 0 0", "7 0 0", "BRANCH_LEQ LEAF LEAF", "missing")]
    [InlineData("0 1 2 3 4", "1 0 3 2 0", "4 0 0 0 0", "BRANCH_LEQ LEAF BRANCH_LEQ BRANCH_LEQ LEAF", "two parents")]
    [InlineData("0 0 2", "1 0 0", "2 0 0", "BRANCH_LEQ LEAF LEAF", "twice")]
    [InlineData("0 1 2", "1 0 0", "2 0", "BRANCH_LEQ LEAF LEAF", "different lengths")]
    [InlineData("0 1 2", "0 0 0", "0 0 0", "LEAF LEAF LEAF", "two roots")]
    public void Trees_must_be_trees(string ids, string whenTrue, string whenFalse, string modes, string? reason)
    {
        var trees = string.Join(' ', ids.Split(' ').Select(_ => "0"));
        var why = Check(OnnxFile.Mean().Node("TreeEnsembleRegressor", ["mean"], ["leaf"], node => node.Text(7, "ai.onnx.ml")
            .Message(5, Longs("nodes_treeids", trees)).Message(5, Longs("nodes_nodeids", ids)).Message(5, Longs("nodes_truenodeids", whenTrue))
            .Message(5, Longs("nodes_falsenodeids", whenFalse)).Message(5, OnnxFile.Strings("nodes_modes", modes.Split(' ')))).Bytes);
        if (reason is null)
        {
            Assert.Null(why);
        }
        else
        {
            Assert.Contains(reason, why);
        }
    }

    [Fact]
    public void A_tree_deeper_than_the_budget_is_refused()
    {
        // A chain: node i leads to leaf 100 + i and node i + 1.
        var inner = Enumerable.Range(0, 20).Select(i => i.ToString()).ToArray();
        var leaves = Enumerable.Range(100, 21).Select(i => i.ToString()).ToArray();
        string[] whenTrue = [.. Enumerable.Range(100, 20).Select(i => i.ToString()), .. leaves.Select(_ => "0")];
        string[] whenFalse = [.. Enumerable.Range(1, 19).Select(i => i.ToString()), "120", .. leaves.Select(_ => "0")];
        var file = OnnxFile.Mean().Node("TreeEnsembleRegressor", ["mean"], ["leaf"], node => node.Text(7, "ai.onnx.ml")
            .Message(5, Longs("nodes_treeids", string.Join(' ', inner.Concat(leaves).Select(_ => "0")))).Message(5, Longs("nodes_nodeids", string.Join(' ', inner.Concat(leaves))))
            .Message(5, Longs("nodes_truenodeids", string.Join(' ', whenTrue))).Message(5, Longs("nodes_falsenodeids", string.Join(' ', whenFalse)))
            .Message(5, OnnxFile.Strings("nodes_modes", [.. inner.Select(_ => "BRANCH_LEQ"), .. leaves.Select(_ => "LEAF")]))).Bytes;
        Assert.Null(Check(file));
        Assert.Contains("deeper than 8", Check(file, new GraphBudget { TreeDepth = 8 }));
    }

    private static Proto Longs(string name, string values) => OnnxFile.Ints(name, [.. values.Split(' ').Select(long.Parse)]);
}
