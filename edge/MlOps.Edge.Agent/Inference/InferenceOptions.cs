namespace MlOps.Edge.Agent.Inference;

/// <summary>What predictions rest on.</summary>
internal sealed class InferenceOptions
{
    /// <summary>Raw frames kept per machine, across restarts: the longest window that a model may have. Default: 128.</summary>
    public int HistoryFrames { get; set; } = 128;
}
