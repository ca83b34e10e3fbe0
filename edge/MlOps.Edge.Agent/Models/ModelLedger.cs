using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>A model that a slot holds.</summary>
/// <param name="Digest">SHA-256 of the ONNX file.</param>
/// <param name="Blobs">All that it is made of, manifest and signature included; kept while a slot refers to it.</param>
/// <param name="Proved">It has done its probation.</param>
internal sealed record InstalledModel(ModelPointer Pointer, Sha256Digest Digest, IReadOnlyList<Sha256Digest> Blobs, bool Proved)
{
    public RunningModel ToReport() => new(Pointer.Model, Pointer.Version, Pointer.Manifest, Digest);
}

/// <summary>The last change of a slot.</summary>
/// <param name="Outcome">How it stands for the report.</param>
internal sealed record SlotUpdate(
    long Epoch, string? Rollout, ModelPointer Target, UpdatePhase Phase, DeploymentState Outcome, string? Reason = null, int BlobsPresent = 0, int BlobsTotal = 0)
{
    public bool IsRunning => Phase is not (UpdatePhase.Settled or UpdatePhase.Probation);

    public ReportedDeployment ToReport(SlotRole role) => new(role, Epoch, Target.Model, Target.Version, Phase switch
    {
        UpdatePhase.Downloading => DeploymentState.Downloading,
        UpdatePhase.Verifying or UpdatePhase.Trial => DeploymentState.Verifying,
        UpdatePhase.Probation => DeploymentState.Probation,
        _ => Outcome,
    }, Rollout, Reason, BlobsPresent, BlobsTotal);
}

/// <summary>What the device knows of its models. Immutable; the file holds the newest.</summary>
internal sealed record LedgerState
{
    /// <summary>The newest desired document that was read: what an offline device goes on with.</summary>
    public DesiredDocument? Desired { get; init; }

    public InstalledModel? Active { get; init; }

    /// <summary>The last proved model before the active one: where a rollback goes.</summary>
    public InstalledModel? Previous { get; init; }

    public InstalledModel? Shadow { get; init; }

    public SlotUpdate? ActiveUpdate { get; init; }

    public SlotUpdate? ShadowUpdate { get; init; }

    /// <summary>By model name, the highest counter that was ever active here: a stolen signature of an old version is worth nothing.</summary>
    public IReadOnlyDictionary<string, long> Counters { get; set; } = new Dictionary<string, long>();

    /// <summary>Manifests that were proved here, newest last: the way back to them stays open.</summary>
    public IReadOnlyList<Sha256Digest> Known { get; set; } = [];

    /// <summary>The agent stopped in order. Cleared, on disk, before any work begins.</summary>
    public bool StoppedInOrder { get; init; }

    public SlotUpdate? Update(SlotRole role) => role == SlotRole.Active ? ActiveUpdate : ShadowUpdate;

    public InstalledModel? Slot(SlotRole role) => role == SlotRole.Active ? Active : Shadow;

    public LedgerState With(SlotRole role, SlotUpdate? update) =>
        role == SlotRole.Active ? this with { ActiveUpdate = update } : this with { ShadowUpdate = update };

    public LedgerState With(SlotRole role, InstalledModel? model) => role == SlotRole.Active ? this with { Active = model } : this with { Shadow = model };

    /// <summary>Every blob that a slot refers to.</summary>
    public IEnumerable<Sha256Digest> Blobs => new[] { Active, Previous, Shadow }.Where(model => model is not null).SelectMany(model => model!.Blobs);
}

/// <summary>Keeps the <see cref="LedgerState"/> in one file, replaced as a whole.</summary>
internal sealed class ModelLedger
{
    private const string FileName = "models.json";
    private readonly string _path;

    public ModelLedger(string folder)
    {
        _path = Path.Combine(folder, FileName);
        State = File.Exists(_path) ? Read(_path) : new();
    }

    public LedgerState State { get; private set; }

    /// <summary>Returns when it is on disk.</summary>
    public void Save(LedgerState state)
    {
        DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(state, LedgerJson.Default.LedgerState));
        State = state;
    }

    private static LedgerState Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LedgerJson.Default.LedgerState) ?? new();
        }
        catch (JsonException e)
        {
            throw new AgentFailureException($"'{path}' is damaged ({e.Message}); move it away to start without models.", e);
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true,
    Converters = [typeof(DigestConverter), typeof(KebabEnumConverter<UpdatePhase>), typeof(KebabEnumConverter<DeploymentState>)])]
[JsonSerializable(typeof(LedgerState))]
internal sealed partial class LedgerJson : JsonSerializerContext;
