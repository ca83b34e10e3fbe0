using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>Pulls, decides, and keeps; what it decides with is the pure <see cref="DriftMonitor"/>.</summary>
internal sealed class DriftGrain(
    [PersistentState("drift")] IPersistentState<DriftRecord> stored,
    DriftRoom room,
    IEventLog log) : Grain, IDriftGrain
{
    private ChampionWatch? _watch;
    private DateTimeOffset? _seen;

    private DriftRecord Record => stored.State;

    private string Model => this.GetPrimaryKeyString();

    private DriftStatus Status => Record.Status ?? new() { Model = Model };

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _seen = Record.Status?.Watermark;
        return TellAsync(cancellationToken);
    }

    public async Task<DriftStatus> EvaluateAsync(DateTimeOffset watermark)
    {
        await TellAsync(CancellationToken.None);
        if (_seen is { } seen && watermark <= seen)
        {
            return await GetAsync();
        }

        var model = await GrainFactory.GetGrain<IModelGrain>(Model).GetAsync();
        if (model?.Champion is not { } champion)
        {
            return Status;
        }

        var definition = ModelDefinitions.Read(model.Name, model.DefinitionJson);
        var begins = Record.Version != champion.Version;
        var start = begins ? Begin(champion.Version) : Record;
        _watch = await WatchAsync(champion, definition, start);
        var query = new DriftQuery(definition, start, _watch?.Monitor.Spec);
        var news = await room.ReadAsync(query, watermark, CancellationToken.None);
        if (begins || news.Changes(Record))
        {
            var next = room.Decide(query, Status, news, _watch, watermark);
            await stored.CommitAsync(next with { Untold = [.. Record.Untold, .. next.Untold] });
            await TellAsync(CancellationToken.None);
        }

        _seen = watermark;
        return await GetAsync();
    }

    public Task<DriftStatus> GetAsync() => Task.FromResult(_seen is null ? Status : Status with { Watermark = _seen });

    public Task<UnitScoreView[]> GetUnitScoresAsync() => Task.FromResult(Record.Scores);

    // Old scores stay; the verdict, and what it was made of, was about the model before.
    private DriftRecord Begin(int version) => Record with { Version = version, Watch = null, Calibration = null, Looked = null, Untold = [] };

    private async Task<ChampionWatch?> WatchAsync(ModelVersionView champion, ModelDefinition definition, DriftRecord start)
    {
        var devices = (await GrainFactory.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new(null, definition.MachineKind, TakesModels: true))).Length;
        if (_watch is { } open && open.Version == champion.Version && (devices == 0 || open.Calibration.Shape.Suits(devices)))
        {
            return open;
        }

        return devices == 0 ? null : await room.OpenAsync(champion, devices, start.Calibration);
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        await log.TellAsync(Record.Untold, cancellationToken);
        stored.State = Record with { Untold = [] };
    }
}
