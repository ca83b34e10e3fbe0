using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Features;
using MlOps.Edge.Cloud.Training.GoldenVectors;
using MlOps.Edge.Cloud.Training.Intervals;
using MlOps.Edge.Cloud.Training.Onnx;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Trainers.ManagedGbdt;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Plant;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>A small model of the plant's pumps, trained by the product's own trainer, with the trainer still at hand.</summary>
internal sealed class PumpModel
{
    public const long Seed = 11;

    private static readonly Lazy<PumpModel> Trained = new(() => new());

    private PumpModel()
    {
        Source = new(PlantKind.Parse("pump"), Seed, new() { History = 10, First = 2, Second = 0 });
        Definition = Source.Kind.RulModel;
        UnitHistory[] units = [.. Source.Pools.History.Select(Live)];
        var options = new TrainingOptions { Boosting = new() { Trees = 20 }, Split = new() { Folds = 2 } };
        var split = UnitSplit.Empty.With(units, Seed, options.Split);
        var windows = WindowSet.Of(Definition, units.Where(u => split[u.Unit].Side == UnitSide.Train), options.LateStarts);
        var normalisation = Normalisation.Fit(Definition, windows.Units);
        Fit = CrossFit.Train(windows, normalisation, split, new ManagedGbdtTrainer(), options, Seed, CancellationToken.None);
        var band = ConformalCalibration.Fit(Fit.Residuals, Definition.RulCap, Definition.Coverage);
        var onnx = new RulModel(Definition, normalisation, Fit.Trees, band).ToOnnx();
        Model = new(Definition, onnx, [.. RulModel.Outputs.Select(name => new TensorSpec(name, "float32", [-1, 1]))], GoldenWindows.Of(onnx, windows, CancellationToken.None));
    }

    /// <summary>Trained once for all tests.</summary>
    public static PumpModel Get() => Trained.Value;

    /// <summary>Pumps of which the first pool has taught nothing.</summary>
    public PlantSource Source { get; }

    public ModelDefinition Definition { get; }

    /// <summary>The trainer's own model, before it became a graph.</summary>
    public CrossFit Fit { get; }

    public TestModel Model { get; }

    /// <summary>A model that answers with the very window it was given; a missing value as <see cref="Missing"/>.</summary>
    public TestModel Echo()
    {
        var (frames, channels) = (Definition.Window, Definition.Channels.Count);
        var graph = new OnnxGraph("echo");
        var window = graph.Input("window", OnnxElement.Float, OnnxAxis.Batch, frames, channels);
        var flat = graph.Add("Flatten", [window], OnnxAttribute.Of("axis", 1));
        graph.Output("window_echo", graph.Add("Where", [graph.Add("IsNaN", [flat]), graph.Constant([Missing]), flat]), OnnxElement.Float, OnnxAxis.Batch, frames * channels);
        return new(
            Definition with { Name = "window-echo" }, graph.ToBytes(), [new("window_echo", "float32", [-1, frames * channels])],
            [new(Convert.ToBase64String(new byte[frames * channels * sizeof(float)]), new Dictionary<string, IReadOnlyList<float>> { ["window_echo"] = new float[frames * channels] })]);
    }

    public const float Missing = -1e30f;

    private UnitHistory Live(string unit)
    {
        var machine = Source.Create(unit);
        var (values, frame) = (new List<float>(), new float[machine.Kind.Channels.Count]);
        while (machine.TryNext(frame))
        {
            values.AddRange(frame);
        }

        return new() { Unit = $"{unit}#1", Channels = frame.Length, Values = [.. values], End = UnitEnd.Failed };
    }
}
