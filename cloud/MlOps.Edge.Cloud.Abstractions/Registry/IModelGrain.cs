using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>One model in the registry: its definition, versions, aliases. Key: the model's name. History is in the event log under <c>model/{name}</c>.</summary>
[Alias("mlops.model")]
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Writes the definition once; the same again is fine.</summary>
    /// <param name="definitionJson">A ModelDefinition as JSON.</param>
    /// <exception cref="InvalidModelException">The text is not a usable definition.</exception>
    /// <exception cref="ModelConflictException">Another definition stands under this name.</exception>
    [Alias("define")]
    Task DefineAsync(string definitionJson);

    /// <summary>Registers the next version with its artifacts and lineage, signs it, and returns it. Repeating a run id returns the version that it made.</summary>
    /// <exception cref="InvalidModelException">The draft does not fit the definition, or names artifacts that are not there.</exception>
    /// <exception cref="ModelConflictException">No such model or parent.</exception>
    [Alias("register")]
    Task<ModelVersionView> RegisterAsync(VersionDraft draft);

    /// <summary>
    /// Signs an older version's file again, as the next version: what a device accepts that has run a newer one and never this. Returns
    /// the new version; or the newest, unchanged, where that has this file already.
    /// </summary>
    /// <exception cref="ModelConflictException">No such model or version.</exception>
    [Alias("reissue")]
    Task<ModelVersionView> ReissueAsync(int version, string reason, DateTimeOffset at);

    /// <param name="alias">champion or challenger.</param>
    /// <param name="version">null clears the alias.</param>
    [Alias("alias")]
    Task SetAliasAsync(string alias, int? version, string reason, DateTimeOffset at);

    /// <summary>null: no such model.</summary>
    [Alias("get")]
    Task<ModelView?> GetAsync();
}

public static class Aliases
{
    public const string Champion = "champion";
    public const string Challenger = "challenger";
}

/// <summary>The names of all models, ordered. Key: <see cref="Default"/>.</summary>
[Alias("mlops.model-catalog")]
public interface IModelCatalogGrain : IGrainWithStringKey
{
    const string Default = "default";

    [Alias("add")]
    Task AddAsync(string model);

    [Alias("list")]
    Task<string[]> ListAsync();
}

/// <summary>A version before it has a number. Digests name artifacts that are in the artifact store already.</summary>
[GenerateSerializer, Immutable, Alias("mlops.version-draft")]
public sealed record VersionDraft
{
    [Id(0)] public required string Run { get; init; }
    [Id(1)] public required string Onnx { get; init; }
    [Id(2)] public required string Snapshot { get; init; }
    [Id(3)] public required string Trainer { get; init; }
    [Id(4)] public int? Parent { get; init; }

    /// <summary>Bin edges for the device (a blob); null: none.</summary>
    [Id(5)] public string? SketchSpec { get; init; }

    /// <summary>The whole reference, for the drift room; null: none.</summary>
    [Id(6)] public string? Reference { get; init; }

    /// <summary>Golden vectors: a JSON array of GoldenVector.</summary>
    [Id(7)] public required string GoldenJson { get; init; }
    [Id(8)] public required double GoldenTolerance { get; init; }
    [Id(9)] public required double LatencyBudgetMs { get; init; }
    [Id(10)] public required long MemoryBudgetBytes { get; init; }
    [Id(11)] public required Dictionary<string, double> Metrics { get; init; }
    [Id(12)] public required DateTimeOffset At { get; init; }

    /// <summary>Opset and tensor signature as the trainer wrote them: JSON of {opset, input, outputs}.</summary>
    [Id(13)] public required string SignatureJson { get; init; }

    /// <summary>Error (RMSE in sample intervals) of each unit that was held out, from the model or from the fold that judged it, ascending: what the field error of this version is held against.</summary>
    [Id(14)] public double[] JudgedErrors { get; init; } = [];
}

[GenerateSerializer, Immutable, Alias("mlops.model-version")]
public sealed record ModelVersionView
{
    [Id(0)] public required string Model { get; init; }
    [Id(1)] public required int Version { get; init; }
    [Id(2)] public required string Manifest { get; init; }
    [Id(3)] public required string Signature { get; init; }
    [Id(4)] public required string Onnx { get; init; }
    [Id(5)] public required long Size { get; init; }

    /// <summary>Every blob that a device needs: manifest, signature, sketch specification, chunks.</summary>
    [Id(6)] public required string[] Blobs { get; init; }
    [Id(7)] public required string Snapshot { get; init; }
    [Id(8)] public required string Run { get; init; }
    [Id(9)] public required string Trainer { get; init; }
    [Id(10)] public int? Parent { get; init; }
    [Id(11)] public string? Reference { get; init; }
    [Id(12)] public string? SketchSpec { get; init; }
    [Id(13)] public required Dictionary<string, double> Metrics { get; init; }
    [Id(14)] public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>See <see cref="VersionDraft.JudgedErrors"/>.</summary>
    [Id(15)] public double[] JudgedErrors { get; init; } = [];

    /// <summary>The version that first had this file, lineage and metrics; null: this one.</summary>
    [Id(16)] public int? ReissueOf { get; init; }

    public Devices.AssignedModel ToAssigned() => new(Model, Version, Manifest, Signature);
}

[GenerateSerializer, Immutable, Alias("mlops.model-view")]
public sealed record ModelView([property: Id(0)] string Name, [property: Id(1)] string DefinitionJson, [property: Id(2)] ModelVersionView[] Versions, [property: Id(3)] Dictionary<string, int> Aliases)
{
    public ModelVersionView? Champion => Aliases.TryGetValue(Registry.Aliases.Champion, out var v) ? Versions.Single(m => m.Version == v) : null;
}

/// <summary>A definition or a draft that no device could run, or a loop that nobody could train. The message names the first fault.</summary>
[GenerateSerializer, Alias("mlops.invalid-model")]
public sealed class InvalidModelException(string message) : Exception(message);

/// <summary>What was asked contradicts what the registry holds.</summary>
[GenerateSerializer, Alias("mlops.model-conflict")]
public sealed class ModelConflictException(string message) : Exception(message);

/// <summary>Bytes by their own digest. Immutable, so a put of what is there is a no-op.</summary>
public interface IArtifactStore
{
    Task<Sha256Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>null: not there.</summary>
    Task<byte[]?> GetAsync(Sha256Digest digest, CancellationToken cancellationToken);
}
