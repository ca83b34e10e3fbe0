using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Features;

/// <summary>
/// Writes a <see cref="Normalisation"/> and the <see cref="TimeFunctionals"/> as graph operators, from the raw window to the
/// features. Training reads its features out of this very graph, so there is no second implementation to agree with.
/// </summary>
/// <remarks>
/// Trees split wherever two training values differ, be it in the last bit, and the order of a float sum changes with the
/// batch size and the machine. So the sums are doubles, their results are rounded to a grid that is coarse against that
/// noise and fine against the sensors', and only then become the floats that the trees compare.
/// </remarks>
internal sealed class FeatureGraph
{
    /// <summary>z-scores are clipped to ± this, so that a spike or an infinite value stays within what was learned.</summary>
    public const double Clip = 10;

    /// <summary>Features lie on multiples of 1/4096: exact in a float up to ±4096, far beyond <see cref="Clip"/>.</summary>
    private const double Grid = 4096;

    private readonly ModelDefinition _definition;
    private readonly Normalisation _normalisation;
    private readonly IReadOnlyList<double[]> _functionals;

    public FeatureGraph(ModelDefinition definition, Normalisation normalisation)
    {
        _definition = definition;
        _normalisation = normalisation;
        _functionals = TimeFunctionals.Over(definition.Window);
    }

    /// <summary>F: each functional and the standard deviation, of each channel in use and of the health index.</summary>
    public int Count => (_functionals.Count + 1) * (_normalisation.Channels.Count + 1);

    /// <summary>A model of its own: input <c>window</c>, output <c>features</c> float32 <c>[batch, F]</c>.</summary>
    public byte[] ToModel()
    {
        var graph = new OnnxGraph("features");
        graph.Output("features", AddTo(graph, Window(graph)), OnnxElement.Float, OnnxAxis.Batch, Count);
        return graph.ToBytes();
    }

    /// <summary>Declares the raw window, float32 <c>[batch, T, C]</c>, as the graph's input.</summary>
    public OnnxValue Window(OnnxGraph graph) =>
        graph.Input("window", OnnxElement.Float, OnnxAxis.Batch, _definition.Window, _definition.Channels.Count);

    /// <summary>Adds the operators and returns the features, float32 <c>[batch, F]</c>.</summary>
    public OnnxValue AddTo(OnnxGraph graph, OnnxValue window)
    {
        OnnxValue raw = graph.Add("Cast", [window], OnnxAttribute.Of("to", (long)OnnxElement.Double));
        OnnxValue z = ZScores(graph, raw);
        OnnxValue health = graph.Add("MatMul", [z, graph.Constant(_normalisation.HealthIndex, _normalisation.HealthIndex.Length, 1)]);
        OnnxValue series = graph.Add("Concat", [z, health], OnnxAttribute.Of("axis", 2));

        OnnxValue linear = graph.Add(
            "MatMul", [graph.Constant([.. _functionals.SelectMany(row => row)], _functionals.Count, _definition.Window), series]);
        OnnxValue features = graph.Add("Concat", [linear, Deviation(graph, series)], OnnxAttribute.Of("axis", 1));
        OnnxValue flat = graph.Add("Reshape", [features, graph.Constant([0L, Count], 2)]);

        OnnxValue grid = graph.Add("Round", [graph.Add("Mul", [flat, graph.Constant([Grid])])]);
        OnnxValue rounded = graph.Add("Mul", [grid, graph.Constant([1 / Grid])]);
        return graph.Add("Cast", [rounded], OnnxAttribute.Of("to", (long)OnnxElement.Float));
    }

    /// <summary><c>[batch, T, channels in use]</c>; a missing value becomes 0, the mean of its regime.</summary>
    private OnnxValue ZScores(OnnxGraph graph, OnnxValue raw)
    {
        (OnnxValue mean, OnnxValue inverse) = Moments(graph, raw);
        OnnxValue centred = graph.Add("Sub", [Columns(graph, raw, _normalisation.Channels), mean]);
        OnnxValue z = graph.Add("Mul", [centred, inverse]);
        OnnxValue known = graph.Add("Where", [graph.Add("IsNaN", [z]), graph.Constant([0.0]), z]);
        return graph.Add("Clip", [known, graph.Constant([-Clip]), graph.Constant([Clip])]);
    }

    private (OnnxValue Mean, OnnxValue Inverse) Moments(OnnxGraph graph, OnnxValue raw)
    {
        RegimeMap regimes = _normalisation.Regimes;
        int channels = _normalisation.Channels.Count;
        if (regimes.Count == 1)
        {
            return (graph.Constant(_normalisation.Mean, channels), graph.Constant(_normalisation.Inverse, channels));
        }

        OnnxValue regime = NearestRegime(graph, raw, regimes);
        OnnxValue PerRegime(double[] values) => graph.Add(
            "Gather", [graph.Constant(values, regimes.Count, channels), regime], OnnxAttribute.Of("axis", 0));
        return (PerRegime(_normalisation.Mean), PerRegime(_normalisation.Inverse));
    }

    /// <summary>
    /// The index of the nearest centroid, int64 <c>[batch, T]</c>: |u − c|² is least where −2·u·c + |c|² is, which is one product.
    /// </summary>
    private static OnnxValue NearestRegime(OnnxGraph graph, OnnxValue raw, RegimeMap regimes)
    {
        int settings = regimes.Channels.Count;
        OnnxValue values = Columns(graph, raw, regimes.Channels);
        OnnxValue known = graph.Add("Where", [graph.Add("IsNaN", [values]), graph.Constant(regimes.Mean, settings), values]);
        OnnxValue scaled = graph.Add(
            "Mul", [graph.Add("Sub", [known, graph.Constant(regimes.Minimum, settings)]), graph.Constant(regimes.Scale, settings)]);

        var product = new double[settings * regimes.Count];
        var offset = new double[regimes.Count];
        for (int regime = 0; regime < regimes.Count; regime++)
        {
            for (int i = 0; i < settings; i++)
            {
                double centre = regimes.Centroids[regime][i];
                product[(i * regimes.Count) + regime] = -2 * centre;
                offset[regime] += centre * centre;
            }
        }

        OnnxValue distance = graph.Add(
            "Add", [graph.Add("MatMul", [scaled, graph.Constant(product, settings, regimes.Count)]), graph.Constant(offset, regimes.Count)]);
        return graph.Add("ArgMin", [distance], OnnxAttribute.Of("axis", 2), OnnxAttribute.Of("keepdims", 0));
    }

    /// <summary>The standard deviation over the window, <c>[batch, 1, channels]</c>.</summary>
    private static OnnxValue Deviation(OnnxGraph graph, OnnxValue series)
    {
        OnnxValue Mean(OnnxValue value) => graph.Add("ReduceMean", [value], OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1));
        OnnxValue centred = graph.Add("Sub", [series, Mean(series)]);
        return graph.Add("Sqrt", [Mean(graph.Add("Mul", [centred, centred]))]);
    }

    private static OnnxValue Columns(OnnxGraph graph, OnnxValue raw, IReadOnlyList<int> columns) =>
        graph.Add("Gather", [raw, graph.Constant([.. columns.Select(column => (long)column)], columns.Count)], OnnxAttribute.Of("axis", 2));
}
