namespace MlOps.Edge.Cloud.Training.Onnx;

/// <summary>The element types that our graphs use, with the numbers of <c>TensorProto.DataType</c>.</summary>
internal enum OnnxElement { Float = 1, Int64 = 7, Double = 11 }

/// <summary>A tensor inside a graph, known by its name.</summary>
internal readonly record struct OnnxValue(string Name);

/// <summary>One axis of an input or output: a fixed length or a free one with a name.</summary>
internal readonly record struct OnnxAxis(long Length, string? Name = null)
{
    /// <summary>The free first axis of every input and output.</summary>
    public static OnnxAxis Batch { get; } = new(0, "batch");

    public static implicit operator OnnxAxis(int length) => new(length);

    /// <summary>The named alternative of the implicit conversion.</summary>
    public static OnnxAxis FromInt32(int length) => new(length);
}
