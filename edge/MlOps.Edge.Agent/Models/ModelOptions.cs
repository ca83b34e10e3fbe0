using MlOps.Edge.Agent.Models.Graph;

namespace MlOps.Edge.Agent.Models;

/// <summary>What this device takes as a model, and how it fetches one.</summary>
internal sealed class ModelOptions
{
    /// <summary>The largest ONNX file. Default: 64 MiB.</summary>
    public long MaxModelBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>The largest single blob: a chunk, a manifest, a signature, a sketch specification. Default: 4 MiB.</summary>
    public int MaxBlobBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>PEM files with the public keys (ECDSA P-256) that may sign models. Given some, no other key counts.</summary>
    public List<string> TrustedKeys { get; set; } = [];

    /// <summary>
    /// Without trusted keys: believe the first key that the broker gives, and pin it. Default: only when the broker is
    /// on this machine.
    /// </summary>
    public bool? TrustOnFirstUse { get; set; }

    /// <summary>Operators beyond the built-in list, as <c>Name</c> or <c>domain:Name</c>.</summary>
    public List<string> AllowedOperators { get; set; } = [];

    /// <summary>What the graph may hold.</summary>
    public GraphBudget Graph { get; set; } = new();

    /// <summary>Predictions that a new model is watched for before it counts as proved. Default: 10.</summary>
    public int ProbationPredictions { get; set; } = 10;

    /// <summary>Blobs that are asked for at a time. Default: 8.</summary>
    public int BlobWindow { get; set; } = 8;

    /// <summary>How long a blob may take to come, once asked for. Default: 5 seconds.</summary>
    public TimeSpan BlobTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait before a blob that did not come, or came wrong, is asked for again; doubles each time. Default: 1 second.</summary>
    public TimeSpan BlobRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a blob is asked for, while connected, before the update fails. Default: 6.</summary>
    public int BlobAttempts { get; set; } = 6;

    /// <summary>Machines are noisy: a median this many times the manifest's latency budget still passes. Default: 3.</summary>
    public double LatencySlack { get; set; } = 3;

    /// <summary>What the process may grow beyond the manifest's memory budget while a model loads, for all that is not the model. Default: 64 MiB.</summary>
    public long MemorySlack { get; set; } = 64L * 1024 * 1024;
}
