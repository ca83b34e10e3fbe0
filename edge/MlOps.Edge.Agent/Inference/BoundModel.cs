using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Inference;

/// <summary>A live model as one machine uses it.</summary>
internal sealed class BoundModel(OnnxModel model, ChannelBinding binding, PredictionRole role)
{
    public OnnxModel Model => model;

    public PredictionRole Role => role;

    public ModelManifest Manifest => model.Manifest;

    public void Pick(ReadOnlySpan<float> frame, Span<float> to) => binding.Copy(frame, to);

    /// <summary>Predicts on the last T frames of a history that is at least as long, padded on the left like a window.</summary>
    /// <returns>Whether the answer can be used; false when missing values alone made it meaningless.</returns>
    /// <exception cref="InferenceException">The model failed, or answered no number for a window without missing values.</exception>
    public bool Predict(ReadOnlySpan<float> history, int channels)
    {
        var (frames, columns) = (Manifest.Window, Manifest.Channels.Count);
        var window = history[^(frames * channels)..];
        for (var t = 0; t < frames; t++)
        {
            binding.Copy(window.Slice(t * channels, channels), model.Input.AsSpan(t * columns, columns));
        }

        model.Run();
        foreach (var output in model.Outputs)
        {
            if (output.Values.All(float.IsFinite))
            {
                continue;
            }

            return model.Input.All(float.IsFinite)
                ? throw new InferenceException($"its output '{output.Name}' is not a finite number")
                : false;
        }

        return true;
    }
}
