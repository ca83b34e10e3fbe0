using System.Runtime.InteropServices;

namespace MlOps.Edge.Cloud.Training.Onnx;

/// <summary>
/// Builds an ONNX model node by node and writes it as bytes. Names are numbered in the order of the calls and nothing else
/// enters the file, so equal calls give equal bytes. Field numbers are those of <c>onnx.proto3</c>
/// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3): ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto.
/// </summary>
internal sealed class OnnxGraph(string name)
{
    /// <summary>The operator set of the default domain; ReduceMean still takes its axes as an attribute in it.</summary>
    public const int Opset = 17;

    /// <summary>The operator set of <see cref="MachineLearning"/>.</summary>
    public const int MachineLearningOpset = 3;

    /// <summary>The domain of classical models such as tree ensembles.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    private const int IrVersion = 8;

    private readonly List<ProtobufWriter> _nodes = [];
    private readonly List<ProtobufWriter> _constants = [];
    private readonly List<ProtobufWriter> _inputs = [];
    private readonly List<ProtobufWriter> _outputs = [];
    private bool _machineLearning;
    private int _names;

    public OnnxValue Input(string input, OnnxElement element, params ReadOnlySpan<OnnxAxis> shape)
    {
        _inputs.Add(ValueInfo(input, element, shape));
        return new(input);
    }

    /// <summary>Declares a value of the graph as an output under its public name.</summary>
    public void Output(string output, OnnxValue value, OnnxElement element, params ReadOnlySpan<OnnxAxis> shape)
    {
        AddNode("Identity", "", [value], output, []);
        _outputs.Add(ValueInfo(output, element, shape));
    }

    public OnnxValue Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(OnnxElement.Float, MemoryMarshal.AsBytes(values), shape);

    public OnnxValue Constant(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Constant(OnnxElement.Double, MemoryMarshal.AsBytes(values), shape);

    public OnnxValue Constant(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(OnnxElement.Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a node of the default domain with one output.</summary>
    public OnnxValue Add(string operation, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<OnnxAttribute> attributes) =>
        AddNode(operation, "", inputs, Fresh(operation), attributes);

    /// <summary>Adds a node of <see cref="MachineLearning"/> with one output.</summary>
    public OnnxValue AddMachineLearning(string operation, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        _machineLearning = true;
        return AddNode(operation, MachineLearning, inputs, Fresh(operation), attributes);
    }

    public byte[] ToBytes()
    {
        var graph = new ProtobufWriter();
        _nodes.ForEach(node => graph.Message(1, node));
        graph.Text(2, name);
        _constants.ForEach(constant => graph.Message(5, constant));
        _inputs.ForEach(input => graph.Message(11, input));
        _outputs.ForEach(output => graph.Message(12, output));

        ProtobufWriter model = new ProtobufWriter()
            .Int(1, IrVersion)
            .Text(2, "mlops-edge")
            .Message(7, graph)
            .Message(8, OperatorSet("", Opset));
        if (_machineLearning)
        {
            model.Message(8, OperatorSet(MachineLearning, MachineLearningOpset));
        }

        return model.Written.ToArray();
    }

    private OnnxValue AddNode(
        string operation, string domain, ReadOnlySpan<OnnxValue> inputs, string output, ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new ProtobufWriter();
        foreach (OnnxValue input in inputs)
        {
            node.Text(1, input.Name);
        }

        node.Text(2, output).Text(3, "make_" + output).Text(4, operation);
        foreach (OnnxAttribute attribute in attributes)
        {
            node.Message(5, attribute.Message);
        }

        if (domain.Length > 0)
        {
            node.Text(7, domain);
        }

        _nodes.Add(node);
        return new(output);
    }

    private OnnxValue Constant(OnnxElement element, ReadOnlySpan<byte> raw, ReadOnlySpan<long> shape)
    {
        // raw_data is little-endian by the standard, and so is every machine that .NET 10 runs on.
        var tensor = new ProtobufWriter();
        foreach (long length in shape)
        {
            tensor.Int(1, length);
        }

        string fresh = Fresh("constant");
        _constants.Add(tensor.Int(2, (int)element).Text(8, fresh).Bytes(9, raw));
        return new(fresh);
    }

    private string Fresh(string prefix) => $"{prefix}_{_names++}";

    private static ProtobufWriter OperatorSet(string domain, int version) => new ProtobufWriter().Text(1, domain).Int(2, version);

    private static ProtobufWriter ValueInfo(string value, OnnxElement element, ReadOnlySpan<OnnxAxis> axes)
    {
        var shape = new ProtobufWriter();
        foreach (OnnxAxis axis in axes)
        {
            shape.Message(1, axis.Name is { } free ? new ProtobufWriter().Text(2, free) : new ProtobufWriter().Int(1, axis.Length));
        }

        ProtobufWriter tensor = new ProtobufWriter().Int(1, (int)element).Message(2, shape);
        return new ProtobufWriter().Text(1, value).Message(2, new ProtobufWriter().Message(1, tensor));
    }
}
