using MlOps.Edge.Cloud.Training.Features;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Cloud.Training.Trees;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training;

/// <summary>All that one training run has fitted, from the raw window to the interval.</summary>
internal sealed record RulModel(ModelDefinition Definition, Normalisation Normalisation, TreeEnsemble Trees, ConformalBand Band)
{
    /// <summary>The names of the outputs, each float32 <c>[batch, 1]</c>, in sample intervals within [0, cap].</summary>
    public static IReadOnlyList<string> Outputs { get; } = ["rul", "rul_lower", "rul_upper"];

    /// <summary>One graph: input <c>window</c> float32 <c>[batch, T, C]</c> of raw values, outputs <see cref="Outputs"/>.</summary>
    public byte[] ToOnnx()
    {
        var graph = new OnnxGraph(Definition.Name);
        var features = new FeatureGraph(Definition, Normalisation);
        OnnxValue row = features.AddTo(graph, features.Window(graph));

        OnnxValue zero = graph.Constant([0f]), cap = graph.Constant([(float)Definition.RulCap]);
        OnnxValue Clipped(OnnxValue value) => graph.Add("Clip", [value, zero, cap]);
        OnnxValue rul = Clipped(Trees.AddTo(graph, row));

        graph.Output(Outputs[0], rul, OnnxElement.Float, OnnxAxis.Batch, 1);
        graph.Output(Outputs[1], Clipped(Band.AddTo(graph, rul, Band.Lower)), OnnxElement.Float, OnnxAxis.Batch, 1);
        graph.Output(Outputs[2], Clipped(Band.AddTo(graph, rul, Band.Upper)), OnnxElement.Float, OnnxAxis.Batch, 1);
        return graph.ToBytes();
    }
}
