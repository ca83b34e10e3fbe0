namespace MlOps.Edge.Cloud.Training.Onnx;

/// <summary>A named constant of a node: message <c>AttributeProto</c> of <c>onnx.proto3</c>, which its field numbers come from.</summary>
internal sealed class OnnxAttribute
{
    private OnnxAttribute(ProtobufWriter message) => Message = message;

    internal ProtobufWriter Message { get; }

    public static OnnxAttribute Of(string name, long value) => new(Named(name).Int(3, value).Int(20, (int)Kind.Int));

    public static OnnxAttribute Of(string name, string value) => new(Named(name).Text(4, value).Int(20, (int)Kind.String));

    public static OnnxAttribute Of(string name, IReadOnlyList<long> values) => Of(name, values, Kind.Ints, (m, v) => m.Int(8, v));

    public static OnnxAttribute Of(string name, IReadOnlyList<float> values) => Of(name, values, Kind.Floats, (m, v) => m.Float(7, v));

    public static OnnxAttribute Of(string name, IReadOnlyList<string> values) => Of(name, values, Kind.Strings, (m, v) => m.Text(9, v));

    private static OnnxAttribute Of<T>(string name, IReadOnlyList<T> values, Kind kind, Action<ProtobufWriter, T> write)
    {
        ProtobufWriter message = Named(name);
        foreach (T value in values)
        {
            write(message, value);
        }

        return new(message.Int(20, (int)kind));
    }

    private static ProtobufWriter Named(string name) => new ProtobufWriter().Text(1, name);

    private enum Kind { Int = 2, String = 3, Floats = 6, Ints = 7, Strings = 8 }
}
