namespace MlOps.Edge.Contracts.Models;

/// <summary>
/// All that a device must know to fetch, check, prove and run one model version. Immutable, named by its own digest, signed.
/// </summary>
public sealed record ModelManifest
{
    public int Format { get; set; } = 1;

    public required string Model { get; init; }

    public required int Version { get; init; }

    /// <summary>Grows with every version signed for this model; an agent refuses a lower one than was active on it, unless this very manifest was proved there.</summary>
    public required long Counter { get; init; }

    /// <summary>After this the agent does not start the model any more; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>SHA-256 of the ONNX file.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Bytes of the ONNX file.</summary>
    public required long Size { get; init; }

    /// <summary>The file's parts in order, each a blob of at most <see cref="ChunkSize"/> bytes.</summary>
    public required IReadOnlyList<Sha256Digest> Chunks { get; init; }

    public int ChunkSize { get; set; } = DefaultChunkSize;

    public required string MachineKind { get; init; }

    /// <summary>The columns of a window, in order, in these units.</summary>
    public required IReadOnlyList<ChannelSpec> Channels { get; init; }

    /// <summary>T, frames per window. Shorter histories are padded on the left by repeating the first frame.</summary>
    public required int Window { get; init; }

    /// <summary>Predict at frames whose age is a multiple of this.</summary>
    public required int Stride { get; init; }

    public required TimeSpan SampleInterval { get; init; }

    /// <summary>The ONNX operator set, default domain.</summary>
    public required int Opset { get; init; }

    /// <summary>The graph's input: <c>float32 [batch, T, C]</c>, raw values; NaN where one is missing (the graph handles it).</summary>
    public required TensorSpec Input { get; init; }

    /// <summary>The graph's outputs, each <c>float32 [batch, 1]</c> or <c>[batch, classes]</c>.</summary>
    public required IReadOnlyList<TensorSpec> Outputs { get; init; }

    /// <summary>Cap of the remaining useful life in sample intervals; null where the model has no <c>rul</c>.</summary>
    public double? RulCap { get; init; }

    /// <summary>Windows with the answers that the training saw; the device must give the same.</summary>
    public required IReadOnlyList<GoldenVector> Golden { get; init; }

    /// <summary>The most that a golden answer may differ, in the output's unit.</summary>
    public required double GoldenTolerance { get; init; }

    public required ModelBudget Budget { get; init; }

    /// <summary>Blob with the bin edges that the device counts its sketches on; null: no sketches.</summary>
    public Sha256Digest? SketchSpec { get; init; }

    public required ModelLineage Lineage { get; init; }

    /// <summary>Figures of the evaluation on held-out units, by name, e.g. <c>judged_rmse</c>.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    public const int DefaultChunkSize = 128 * 1024;
}

/// <param name="Shape">Dimensions; -1 is the batch.</param>
public sealed record TensorSpec(string Name, string Type, IReadOnlyList<int> Shape);

/// <param name="Window">Row-major [T, C], little-endian float32, base64.</param>
/// <param name="Outputs">By output name, one value per element of the output for a batch of one.</param>
public sealed record GoldenVector(string Window, IReadOnlyDictionary<string, IReadOnlyList<float>> Outputs);

/// <param name="LatencyMs">The most that one window may take on the device, median over the golden vectors.</param>
/// <param name="MemoryBytes">The most that loading it may add to the process.</param>
public sealed record ModelBudget(double LatencyMs, long MemoryBytes);

/// <param name="Snapshot">Digest of the dataset snapshot.</param>
/// <param name="Run">Id of the training run.</param>
/// <param name="Trainer">Name and version of the trainer.</param>
/// <param name="Parent">The version it was judged against; null: the first.</param>
public sealed record ModelLineage(Sha256Digest Snapshot, string Run, string Trainer, int? Parent = null);
