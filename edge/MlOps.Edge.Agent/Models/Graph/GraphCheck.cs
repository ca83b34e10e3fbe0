using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Reads an ONNX file without ONNX Runtime and decides whether it may be loaded: budgets, an operator allow-list, no
/// data outside the file, no graphs within graphs, no functions, values made before they are used, inputs and outputs
/// as the manifest says. Field numbers: onnx/onnx.proto.
/// </summary>
internal sealed class GraphCheck(GraphBudget budget, OperatorList operators)
{
    private const int OldestIr = 7;
    private const int NewestIr = 13;

    private readonly TensorCheck _tensors = new(budget);
    private readonly NodeCheck _nodes = new(budget, operators);

    /// <returns>null when it may be loaded; else the reason, in plain words.</returns>
    public static string? Check(ReadOnlySpan<byte> file, ModelManifest manifest, GraphBudget budget, OperatorList operators)
    {
        try
        {
            new GraphCheck(budget, operators).Model(file, manifest);
            return null;
        }
        catch (GraphRejectedException e)
        {
            return e.Message;
        }
    }

    private void Model(ReadOnlySpan<byte> file, ModelManifest manifest)
    {
        var model = new WireReader(file);
        ReadOnlySpan<byte> graph = default;
        var (opset, hasGraph) = (0L, false);
        while (model.Next())
        {
            switch (model.Field)
            {
                case 1:
                    if (model.Int() is < OldestIr or > NewestIr)
                    {
                        throw new GraphRejectedException($"its ONNX IR version is not between {OldestIr} and {NewestIr}");
                    }

                    break;
                case 7:
                    // A second graph field would be merged by one parser and replaced by another.
                    graph = !hasGraph ? model.Bytes() : throw new GraphRejectedException("it has two graphs");
                    hasGraph = true;
                    break;
                case 8: opset = Math.Max(opset, DefaultOpset(model.Bytes())); break;
                case 20: throw new GraphRejectedException("it has training graphs");
                case 25: throw new GraphRejectedException("it has functions of its own");
                default: model.Skip(); break;
            }
        }

        if (!hasGraph || opset != manifest.Opset)
        {
            throw new GraphRejectedException($"it has no graph, or opset {opset} where the manifest says {manifest.Opset}");
        }

        Graph(graph, manifest);
    }

    /// <returns>The version of the default domain; 0 for another domain.</returns>
    private long DefaultOpset(ReadOnlySpan<byte> message)
    {
        var import = new WireReader(message);
        var (domain, version) = ("", 0L);
        while (import.Next())
        {
            switch (import.Field)
            {
                case 1: domain = import.Text(budget.NameBytes); break;
                case 2: version = import.Int(); break;
                default: import.Skip(); break;
            }
        }

        return domain is "" or "ai.onnx" ? version
            : domain == OperatorList.MlDomain ? 0
            : throw new GraphRejectedException($"it asks for the operator domain '{domain}'");
    }

    private void Graph(ReadOnlySpan<byte> message, ModelManifest manifest)
    {
        var inputs = new List<TensorSpec>();
        var outputs = new List<TensorSpec>();

        // Fields come in any order: first what nodes may use, then the nodes.
        var first = new WireReader(message);
        while (first.Next())
        {
            switch (first.Field)
            {
                case 5: _nodes.Constant(_tensors.Weigh(first.Bytes())); break;
                case 11: inputs.Add(ValueInfo.Read(first.Bytes(), budget)); break;
                case 12: outputs.Add(ValueInfo.Read(first.Bytes(), budget)); break;
                case 13: ValueInfo.Read(first.Bytes(), budget); break;
                case 15: throw new GraphRejectedException("it has sparse tensors");
                default: first.Skip(); break;
            }
        }

        if (inputs is not [var input] || !Same(input, manifest.Input))
        {
            throw new GraphRejectedException($"its inputs are {Text(inputs)}, the manifest says {Text([manifest.Input])}");
        }

        if (outputs.Count != manifest.Outputs.Count || outputs.Zip(manifest.Outputs).Any(pair => !Same(pair.First, pair.Second)))
        {
            throw new GraphRejectedException($"its outputs are {Text(outputs)}, the manifest says {Text(manifest.Outputs)}");
        }

        _nodes.Input(input.Name);
        var second = new WireReader(message);
        while (second.Next())
        {
            if (second.Field == 1)
            {
                _nodes.Node(second.Bytes(), _tensors);
            }
            else
            {
                second.Skip();
            }
        }

        if (outputs.FirstOrDefault(output => !_nodes.Makes(output.Name)) is { } unmade)
        {
            throw new GraphRejectedException($"no node makes its output '{unmade.Name}'");
        }
    }

    private static bool Same(TensorSpec graph, TensorSpec manifest) =>
        graph.Name == manifest.Name && graph.Type == manifest.Type && graph.Shape.SequenceEqual(manifest.Shape);

    private static string Text(IEnumerable<TensorSpec> specs) =>
        string.Join("; ", specs.Select(spec => $"{spec.Name} {spec.Type} [{string.Join(", ", spec.Shape)}]"));
}
