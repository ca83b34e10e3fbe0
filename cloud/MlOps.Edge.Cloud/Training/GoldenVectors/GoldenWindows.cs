using System.Runtime.InteropServices;
using MlOps.Edge.Cloud.Training.Inference;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.GoldenVectors;

/// <summary>
/// A handful of windows with the finished model's answers, by which a device proves that its runtime computes the same:
/// a short history, healthy and failing machines, one missing channel, one frame of missing values.
/// </summary>
internal static class GoldenWindows
{
    /// <summary>
    /// The most that an answer on another machine may differ, in sample intervals. Looser than parity on this one: another
    /// processor may round a feature to the next grid point and take another branch of one tree.
    /// </summary>
    public const double Tolerance = 0.05;

    /// <param name="model">The finished ONNX file.</param>
    /// <param name="judged">Held-out windows to choose from.</param>
    public static IReadOnlyList<GoldenVector> Of(byte[] model, WindowSet judged, CancellationToken cancellationToken)
    {
        ModelDefinition definition = judged.Definition;
        int channels = definition.Channels.Count;
        float[][] chosen = Choose(judged, cancellationToken);
        float[] Spoiled(float[] window, Func<int, bool> missing) => [.. window.Select((value, i) => missing(i) ? float.NaN : value)];
        int sensor = definition.Channels.Index().First(channel => channel.Item.Role == ChannelRole.Sensor).Index;
        float[][] windows =
        [
            .. chosen,
            Spoiled(chosen[^1], i => i % channels == sensor),
            Spoiled(chosen[^1], i => i / channels == definition.Window - 1),
        ];

        using var scorer = new OnnxScorer(model);
        return [.. windows.Select(window => Answer(scorer, window, definition))];
    }

    private static GoldenVector Answer(OnnxScorer scorer, float[] window, ModelDefinition definition)
    {
        float[][] outputs = scorer.Score(window, 1, definition.Window, definition.Channels.Count, RulModel.Outputs);
        return new(
            Convert.ToBase64String(MemoryMarshal.AsBytes(window.AsSpan())),
            RulModel.Outputs.Index().ToDictionary(output => output.Item, output => (IReadOnlyList<float>)outputs[output.Index]));
    }

    /// <summary>The first window of the first unit, then the one nearest to each of four remaining lives, failure last.</summary>
    private static float[][] Choose(WindowSet judged, CancellationToken cancellationToken)
    {
        double cap = judged.Definition.RulCap;
        int[] rows =
        [
            0,
            .. new[] { cap, 0.6 * cap, 0.2 * cap, 0 }.Select(target => Enumerable.Range(0, judged.Rows.Count)
                .MinBy(row => (Math.Abs(judged.Rows[row].Target - target), judged.Rows[row].Frame < judged.Definition.Window))),
        ];

        var windows = new Dictionary<int, float[]>();
        judged.Read(1, (row, values) =>
        {
            if (rows.Contains(row))
            {
                windows[row] = [.. values];
            }
        }, cancellationToken);
        return [.. rows.Select(row => windows[row])];
    }
}
