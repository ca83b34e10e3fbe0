namespace MlOps.Edge.Contracts.Documents;

/// <summary>What a device should run: <c>down/desired</c>, retained. An agent ignores an epoch lower than the one it knows.</summary>
public sealed record DesiredDocument
{
    public int Protocol { get; set; } = ProtocolVersion.Current;

    /// <summary>Grows with every change of this document.</summary>
    public required long Epoch { get; init; }

    /// <summary>The model whose predictions count; null: none.</summary>
    public ModelPointer? Active { get; init; }

    /// <summary>A model that predicts beside it on the same windows, for comparison; null: none.</summary>
    public ModelPointer? Shadow { get; init; }

    /// <summary>The rollout that asked for this, for the report; null outside a rollout.</summary>
    public string? Rollout { get; init; }
}

/// <summary>A model version, and the blobs that prove it.</summary>
/// <param name="Manifest">Digest of the manifest blob.</param>
/// <param name="Signature">Digest of the signature blob over the manifest and the model.</param>
public sealed record ModelPointer(string Model, int Version, Sha256Digest Manifest, Sha256Digest Signature);

public static class ProtocolVersion
{
    public const int Current = 1;
}
