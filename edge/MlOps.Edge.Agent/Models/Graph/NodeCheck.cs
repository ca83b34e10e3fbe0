namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Checks nodes in file order: allowed operators, values made before they are used and once, attributes without graphs,
/// trees that are trees, and nothing that the loader would fold into gigabytes.
/// </summary>
internal sealed class NodeCheck(GraphBudget budget, OperatorList operators)
{
    // Name of every value that is made, with its most elements when it is known before any input comes; null when it is not.
    private readonly Dictionary<string, long?> _values = new(StringComparer.Ordinal) { [""] = 0 };
    private int _nodes;

    public void Constant(TensorFacts tensor) => Make(tensor.Name, tensor.Elements);

    public void Input(string name) => Make(name, null);

    public bool Makes(string name) => _values.ContainsKey(name);

    public void Node(ReadOnlySpan<byte> message, TensorCheck tensors)
    {
        if (++_nodes > budget.Nodes)
        {
            throw new GraphRejectedException($"it has more than {budget.Nodes} nodes");
        }

        var node = new WireReader(message);
        var (inputs, outputs, name, domain, attributes) = (new List<string>(), new List<string>(), "", "", 0);
        var (trees, carried) = (new TreeCheck(), 1L);
        while (node.Next())
        {
            switch (node.Field)
            {
                case 1: inputs.Add(node.Text(budget.NameBytes)); break;
                case 2: outputs.Add(node.Text(budget.NameBytes)); break;
                case 4: name = node.Text(budget.NameBytes); break;
                case 5: carried += Attribute(node.Bytes(), trees, tensors); attributes++; break;
                case 7: domain = node.Text(budget.NameBytes); break;
                case 8: throw new GraphRejectedException("a node calls an overload of a function");
                default: node.Skip(); break;
            }

            if (inputs.Count > budget.Fan || outputs.Count > budget.Fan || attributes > budget.Fan)
            {
                throw new GraphRejectedException($"a node has more than {budget.Fan} inputs, outputs or attributes");
            }
        }

        domain = domain == "ai.onnx" ? "" : domain;
        if (!operators.Allows(domain, name))
        {
            throw new GraphRejectedException($"the operator '{(domain.Length == 0 ? name : $"{domain}:{name}")}' is not allowed on this device");
        }

        if (domain == OperatorList.MlDomain && name.StartsWith("TreeEnsemble", StringComparison.Ordinal))
        {
            trees.Check(budget.TreeDepth);
        }

        var folded = Folded(inputs, carried);
        foreach (var output in outputs.Where(output => output.Length > 0))
        {
            Make(output, folded);
        }
    }

    // The most elements that a result of constants alone can have is, for every allowed operator, their product: a
    // broadcast or a product of matrices multiplies sizes and does no more.
    private long? Folded(List<string> inputs, long carried)
    {
        long? product = carried;
        foreach (var input in inputs)
        {
            if (!_values.TryGetValue(input, out var elements))
            {
                throw new GraphRejectedException($"a node uses the value '{input}' before it is made");
            }

            product = input.Length == 0 ? product : product is { } sofar && elements is { } more ? Product(sofar, more) : null;
        }

        return product <= budget.FoldedElements || product is null
            ? product
            : throw new GraphRejectedException($"constants alone may fold into more than {budget.FoldedElements} elements");
    }

    private static long Product(long left, long right) => right > 0 && left > long.MaxValue / right ? long.MaxValue : left * Math.Max(right, 1);

    private void Make(string name, long? elements)
    {
        if (!_values.TryAdd(name, elements))
        {
            throw new GraphRejectedException($"the value '{name}' is made twice");
        }
    }

    /// <returns>Elements of tensors that the attribute carries.</returns>
    private long Attribute(ReadOnlySpan<byte> message, TreeCheck trees, TensorCheck tensors)
    {
        // The name may come after the values: find it first.
        var name = NameOf(message);
        var list = trees.Target(name);
        var attribute = new WireReader(message);
        long carried = 0;
        while (attribute.Next())
        {
            switch (attribute.Field)
            {
                case 5 or 10: carried += tensors.Weigh(attribute.Bytes()).Elements; break;
                case 6 or 11: throw new GraphRejectedException("a node runs a graph within the graph");
                case 22 or 23: throw new GraphRejectedException("it has sparse tensors");
                case 21: throw new GraphRejectedException("an attribute refers to a function's");
                case 8 when list is not null: attribute.Ints(list, budget.Elements); break;
                case 9 when name == "nodes_modes": trees.AddMode(attribute.Bytes()); break;
                default: attribute.Skip(); break;
            }
        }

        return carried;
    }

    private string NameOf(ReadOnlySpan<byte> message)
    {
        var attribute = new WireReader(message);
        while (attribute.Next())
        {
            if (attribute.Field == 1)
            {
                return attribute.Text(budget.NameBytes);
            }

            attribute.Skip();
        }

        throw new GraphRejectedException("an attribute has no name");
    }
}
