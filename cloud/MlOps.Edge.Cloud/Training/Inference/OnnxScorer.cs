using Microsoft.ML.OnnxRuntime;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Inference;

/// <summary>
/// Runs a graph of ours as a device does: one thread, so that its sums have one order. Its input is <c>window</c>,
/// float32 <c>[batch, T, C]</c> of raw values; its outputs are float32 <c>[batch, n]</c>.
/// </summary>
internal sealed class OnnxScorer : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    static OnnxScorer() => OrtTelemetry.SwitchOff();

    public OnnxScorer(byte[] model)
    {
        _options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        _session = new InferenceSession(model, _options);
    }

    /// <summary>Scores a batch that is already laid out.</summary>
    /// <param name="windows">Row-major <c>[batch, T, C]</c>.</param>
    /// <returns>For each output its values, row-major <c>[batch, n]</c>.</returns>
    public float[][] Score(float[] windows, int batch, int frames, int channels, IReadOnlyCollection<string> outputs)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(windows, [batch, frames, channels]);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, ["window"], [input], outputs);
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
    }

    /// <summary>Scores every window of a set.</summary>
    /// <returns>For each output its values, row-major <c>[rows, n]</c>.</returns>
    public float[][] Score(WindowSet windows, int batch, IReadOnlyCollection<string> outputs, CancellationToken cancellationToken)
    {
        var results = new List<float>[outputs.Count];
        for (int output = 0; output < results.Length; output++)
        {
            results[output] = [];
        }

        windows.Read(
            batch,
            (_, values) =>
            {
                float[][] scored = Score(
                    values, values.Length / windows.WindowSize, windows.Definition.Window, windows.Definition.Channels.Count, outputs);
                for (int output = 0; output < scored.Length; output++)
                {
                    results[output].AddRange(scored[output]);
                }
            },
            cancellationToken);
        return [.. results.Select(values => values.ToArray())];
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
        _options.Dispose();
    }
}
