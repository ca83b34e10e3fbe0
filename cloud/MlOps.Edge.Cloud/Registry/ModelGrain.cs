using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Registry;

internal sealed class ModelGrain(
    [PersistentState("model")] IPersistentState<ModelState> stored,
    IArtifactStore artifacts,
    IModelSigningKey key,
    IEventLog log,
    TimeProvider clock) : Grain, IModelGrain
{
    private ModelState State => stored.State;

    private string Name => this.GetPrimaryKeyString();

    // A crash between a write and the telling of it leaves the log behind the state.
    public override Task OnActivateAsync(CancellationToken cancellationToken) => TellAsync(cancellationToken);

    public async Task DefineAsync(string definitionJson)
    {
        var definition = ModelDefinitions.Read(Name, definitionJson);
        var canonical = ModelDefinitions.Canonical(definition);
        if (State.DefinitionJson is { } standing && standing != canonical)
        {
            throw new ModelConflictException($"Model '{Name}' is defined already, and otherwise. A definition stays for all versions; give the new one another name.");
        }

        if (State.DefinitionJson is null)
        {
            await ChangeAsync(State with { DefinitionJson = canonical }, $"model/{Name}/defined", clock.GetUtcNow(), EventKinds.ModelDefined, new()
            {
                ["machineKind"] = definition.MachineKind,
                ["channels"] = definition.Channels.Count,
                ["window"] = definition.Window,
                ["digest"] = ModelDefinitions.Digest(definition).ToString(),
                ["definition"] = JsonNode.Parse(canonical),
            });
        }

        await GrainFactory.GetGrain<IModelCatalogGrain>(IModelCatalogGrain.Default).AddAsync(Name);
        await TellAsync(CancellationToken.None);
    }

    public async Task<ModelVersionView> RegisterAsync(VersionDraft draft)
    {
        if (State.Versions.FirstOrDefault(v => v.Run == draft.Run) is { } made)
        {
            await TellAsync(CancellationToken.None);
            return made;
        }

        var definition = ModelDefinitions.Read(Name, State.DefinitionJson ?? throw Unknown());
        if (draft.Parent is { } parent)
        {
            RequireVersion(parent);
        }

        foreach (var digest in new[] { draft.Snapshot, draft.SketchSpec, draft.Reference }.OfType<string>())
        {
            await ArtifactAsync(digest);
        }

        var version = State.Versions.Length + 1;
        var onnx = await ArtifactAsync(draft.Onnx);
        var package = ModelPackage.Of(definition, draft, version, onnx);
        return await AddAsync(await PublishAsync(package, draft, version, onnx.LongLength), reason: null);
    }

    public async Task<ModelVersionView> ReissueAsync(int version, string reason, DateTimeOffset at)
    {
        _ = State.DefinitionJson ?? throw Unknown();
        RequireVersion(version);
        var (old, newest) = (State.Versions[version - 1], State.Versions[^1]);
        if (newest.Onnx == old.Onnx)
        {
            await TellAsync(CancellationToken.None);
            return newest;
        }

        var next = newest.Version + 1;
        var package = ModelPackage.Reissue(await ArtifactAsync(old.Manifest), next);
        var (manifest, signature) = await SignAsync(package, next);
        return await AddAsync(
            old with
            {
                Version = next,
                Manifest = manifest,
                Signature = signature,
                Blobs = [manifest, signature, .. old.Blobs.Where(b => b != old.Manifest && b != old.Signature)],
                ReissueOf = old.ReissueOf ?? version,
                RegisteredAt = at,
            },
            reason);
    }

    public async Task SetAliasAsync(string alias, int? version, string reason, DateTimeOffset at)
    {
        _ = State.DefinitionJson ?? throw Unknown();
        if (alias is not (Aliases.Champion or Aliases.Challenger))
        {
            throw new ModelConflictException($"'{alias}' is not an alias: it is {Aliases.Champion} or {Aliases.Challenger}.");
        }

        if (version is { } wanted)
        {
            RequireVersion(wanted);
        }

        int? before = State.Aliases.TryGetValue(alias, out var current) ? current : null;
        if (before != version)
        {
            var moved = new Dictionary<string, int>(State.Aliases);
            moved.Remove(alias);
            if (version is { } to)
            {
                moved.Add(alias, to);
            }

            var move = State.AliasMoves + 1;
            await ChangeAsync(State with { Aliases = moved, AliasMoves = move }, $"model/{Name}/alias/{move}", at, EventKinds.AliasMoved, new()
            {
                ["alias"] = alias,
                ["from"] = before,
                ["to"] = version,
                ["reason"] = reason,
            });
        }

        await TellAsync(CancellationToken.None);
    }

    public Task<ModelView?> GetAsync() => Task.FromResult(
        State.DefinitionJson is { } definition ? new ModelView(Name, definition, State.Versions, State.Aliases) : null);

    private async Task<ModelVersionView> PublishAsync(ModelPackage package, VersionDraft draft, int version, long size)
    {
        var chunks = new List<string>();
        foreach (var chunk in package.Chunks)
        {
            chunks.Add((await artifacts.PutAsync(chunk, CancellationToken.None)).ToString());
        }

        var (manifest, signature) = await SignAsync(package, version);
        string?[] blobs = [manifest, signature, draft.SketchSpec, .. chunks];
        return new()
        {
            Model = Name,
            Version = version,
            Manifest = manifest,
            Signature = signature,
            Onnx = package.Onnx.ToString(),
            Size = size,
            Blobs = [.. blobs.OfType<string>().Distinct()],
            Snapshot = draft.Snapshot,
            Run = draft.Run,
            Trainer = draft.Trainer,
            Parent = draft.Parent,
            Reference = draft.Reference,
            SketchSpec = draft.SketchSpec,
            Metrics = draft.Metrics,
            RegisteredAt = draft.At,
            JudgedErrors = draft.JudgedErrors,
        };
    }

    private async Task<(string Manifest, string Signature)> SignAsync(ModelPackage package, int version)
    {
        var manifest = await artifacts.PutAsync(package.ManifestJson, CancellationToken.None);
        return (manifest.ToString(), (await artifacts.PutAsync(key.Sign($"{Name}:{version}", manifest, package.Onnx), CancellationToken.None)).ToString());
    }

    private async Task<ModelVersionView> AddAsync(ModelVersionView view, string? reason)
    {
        var told = new JsonObject
        {
            ["version"] = view.Version,
            ["digest"] = view.Onnx,
            ["manifest"] = view.Manifest,
            ["size"] = view.Size,
            ["snapshot"] = view.Snapshot,
            ["run"] = view.Run,
            ["trainer"] = view.Trainer,
            ["parent"] = view.Parent,
            ["metrics"] = new JsonObject(view.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
        };
        if (view.ReissueOf is { } original)
        {
            told["reissueOf"] = original;
            told["reason"] = reason;
        }

        await ChangeAsync(State with { Versions = [.. State.Versions, view] }, $"model/{Name}/version/{view.Version}", view.RegisteredAt, EventKinds.VersionRegistered, told);
        await TellAsync(CancellationToken.None);
        return view;
    }

    private async Task<byte[]> ArtifactAsync(string digest) =>
        (Sha256Digest.TryParse(digest, null, out var parsed) ? await artifacts.GetAsync(parsed, CancellationToken.None) : null)
        ?? throw new InvalidModelException($"Model '{Name}' needs artifact '{digest}', which is not in the store.");

    private void RequireVersion(int version)
    {
        if (version < 1 || version > State.Versions.Length)
        {
            throw new ModelConflictException($"Model '{Name}' has no version {version}{(State.Versions.Length == 0 ? "" : $"; its newest is {State.Versions.Length}")}.");
        }
    }

    private ModelConflictException Unknown() => new($"There is no model '{Name}': define it first.");

    private Task ChangeAsync(ModelState next, string id, DateTimeOffset at, string kind, JsonObject data) =>
        stored.CommitAsync(next with { Untold = [.. State.Untold, UntoldEvent.Of(id, at, $"model/{Name}", kind, data)] });

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await log.TellAsync(State.Untold, cancellationToken);

        // In memory only: the next write takes it along, and telling twice is no harm.
        stored.State = State with { Untold = [] };
    }
}
