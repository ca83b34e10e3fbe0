using System.Buffers.Binary;
using System.Text;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>Writes protobuf fields. Field numbers of the messages below: onnx/onnx.proto.</summary>
internal sealed class Proto
{
    private readonly List<byte> _bytes = [];

    public byte[] Bytes => [.. _bytes];

    public Proto Int(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public Proto Raw(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public Proto Text(int field, string value) => Raw(field, Encoding.UTF8.GetBytes(value));

    public Proto Message(int field, Proto value) => Raw(field, value.Bytes);

    public Proto Float(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value > 0x7f; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }
}

/// <summary>
/// A graph in the making, and the one that most tests use: <c>rul = mean over the window of the first channel, times
/// gain</c>, from <c>window [batch, 4, 2]</c>.
/// </summary>
internal sealed class OnnxFile
{
    public const int Window = 4;
    public const int Opset = 17;

    private readonly Proto _graph = new();
    private readonly Proto _before = new();

    public OnnxFile() => _graph.Text(2, "test");

    public static OnnxFile Mean(float gain = 1, string output = "rul") => new OnnxFile()
        .Input("window", [-1, Window, 2]).Output(output, [-1, 1])
        .Floats("weights", [2, 1], gain, 0)
        .Node("ReduceMean", ["window"], ["mean"], node => node.Message(5, Ints("axes", 1)).Message(5, IntAttribute("keepdims", 0)))
        .Node("MatMul", ["mean", "weights"], [output]);

    public OnnxFile Input(string name, int[] shape)
    {
        _graph.Message(11, Value(name, shape));
        return this;
    }

    public OnnxFile Output(string name, int[] shape)
    {
        _graph.Message(12, Value(name, shape));
        return this;
    }

    public OnnxFile Floats(string name, long[] dims, params float[] values) => Tensor(FloatTensor(name, dims, values));

    public OnnxFile Tensor(Proto tensor)
    {
        _graph.Message(5, tensor);
        return this;
    }

    public OnnxFile Node(string type, string[] inputs, string[] outputs, Action<Proto>? more = null)
    {
        var node = new Proto().Text(4, type);
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        foreach (var output in outputs)
        {
            node.Text(2, output);
        }

        more?.Invoke(node);
        _graph.Message(1, node);
        return this;
    }

    /// <summary>Fields of the model itself, before the graph.</summary>
    public OnnxFile Model(Action<Proto> more)
    {
        more(_before);
        return this;
    }

    public OnnxFile Graph(Action<Proto> more)
    {
        more(_graph);
        return this;
    }

    public byte[] Bytes
    {
        get
        {
            var model = new Proto().Int(1, 8).Message(8, new Proto().Text(1, "").Int(2, Opset)).Message(8, new Proto().Text(1, "ai.onnx.ml").Int(2, 3));
            return [.. model.Bytes, .. _before.Bytes, .. new Proto().Message(7, _graph).Bytes];
        }
    }

    public static Proto FloatTensor(string name, long[] dims, params float[] values)
    {
        var raw = new byte[4 * values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(4 * i), values[i]);
        }

        return Dims(dims).Int(2, 1).Text(8, name).Raw(9, raw);
    }

    public static Proto Dims(params long[] dims) => dims.Aggregate(new Proto(), (tensor, dim) => tensor.Int(1, dim));

    public static Proto Ints(string name, params long[] values) => values.Aggregate(new Proto().Text(1, name).Int(20, 7), (attribute, value) => attribute.Int(8, value));

    public static Proto IntAttribute(string name, long value) => new Proto().Text(1, name).Int(3, value).Int(20, 2);

    public static Proto Strings(string name, params string[] values) => values.Aggregate(new Proto().Text(1, name).Int(20, 8), (attribute, value) => attribute.Text(9, value));

    private static Proto Value(string name, int[] shape)
    {
        var dims = shape.Aggregate(new Proto(), (dims, d) => dims.Message(1, d < 0 ? new Proto().Text(2, "batch") : new Proto().Int(1, d)));
        return new Proto().Text(1, name).Message(2, new Proto().Message(1, new Proto().Int(1, 1).Message(2, dims)));
    }
}
