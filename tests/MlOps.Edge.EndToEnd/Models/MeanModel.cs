using System.Runtime.InteropServices;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>The smallest model that predicts: <c>rul = gain × mean of the window</c>.</summary>
internal static class MeanModel
{
    public const string Kind = "test-machine";
    public const int Window = 4;

    public static ModelDefinition Definition { get; } = new()
    {
        Name = "test-machine-rul",
        MachineKind = Kind,
        Channels = [new("flow", "m3/h"), new("temperature", "Cel")],
        Window = Window,
        Stride = 1,
        SampleInterval = TimeSpan.FromSeconds(1),
        RulCap = 125,
    };

    /// <param name="gain">Another gain is another file.</param>
    /// <param name="channels">Columns that the graph takes, whatever the definition says.</param>
    /// <param name="answer">What the golden vector says, when not the truth.</param>
    public static TestModel Of(float gain, int channels = 2, float? answer = null)
    {
        var graph = new OnnxGraph("mean");
        var window = graph.Input("window", OnnxElement.Float, OnnxAxis.Batch, Window, channels);
        var row = graph.Add("ReduceMean", [window], OnnxAttribute.Of("axes", (long[])[1]), OnnxAttribute.Of("keepdims", 0));
        var mean = graph.Add("ReduceMean", [row], OnnxAttribute.Of("axes", (long[])[1]), OnnxAttribute.Of("keepdims", 1));
        graph.Output("rul", graph.Add("Mul", [mean, graph.Constant([gain])]), OnnxElement.Float, OnnxAxis.Batch, 1);

        float[] golden = [1, 0, 2, 0, 3, 0, 4, 0];
        return new(
            Definition,
            graph.ToBytes(),
            [new("rul", "float32", [-1, 1])],
            [new(Convert.ToBase64String(MemoryMarshal.AsBytes(golden.AsSpan())), new Dictionary<string, IReadOnlyList<float>> { ["rul"] = [answer ?? (gain * golden.Average())] })]);
    }
}
