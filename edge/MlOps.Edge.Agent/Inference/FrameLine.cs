using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Inference;

/// <summary>What the machines looked like after the last step; a snapshot for readers on other loops.</summary>
internal sealed record LineStatus(IReadOnlyList<ReportedAsset> Assets, IReadOnlyList<SensorFault> Faults);

/// <summary>The way of every frame: sampled, judged, batched, committed.</summary>
internal sealed class FrameLine
{
    private readonly IReadOnlyList<AssetPipeline> _pipelines;
    private readonly LiveModels _models;
    private readonly CommitBuffer _commits;
    private readonly CommitRule _rule;
    private readonly OpenBatch _batch;
    private readonly Dictionary<AssetId, ResumePoint> _committed = [];
    private readonly Dictionary<AssetId, ResumePoint> _beginnings = [];
    private bool _hasBegun;

    public FrameLine(IReadOnlyList<AssetPipeline> pipelines, LiveModels models, CommitBuffer commits, CommitRule rule, SessionClock clock)
    {
        (_pipelines, _models, _commits, _rule, _batch) = (pipelines, models, commits, rule, new(clock));
        foreach (var pipeline in pipelines)
        {
            Note(pipeline.Last);
        }

        Status = Look();
    }

    /// <summary>Raised when a machine was replaced or a sensor's health changed.</summary>
    public Pulse Changed { get; } = new();

    public LineStatus Status { get; private set; }

    /// <summary>Takes one frame of every machine through the line; commits when the batch is due.</summary>
    /// <returns>How many machines had one.</returns>
    public async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        using var turn = await _models.TakeTurnAsync(cancellationToken);
        Begin();
        var frames = 0;
        foreach (var pipeline in _pipelines)
        {
            frames += await pipeline.StepAsync(_models, _batch, cancellationToken) ? 1 : 0;
        }

        if (_rule.IsDue(_batch))
        {
            Commit();
        }

        Notice();
        return frames;
    }

    /// <summary>Commits what is sampled so far.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        using var turn = await _models.TakeTurnAsync(cancellationToken);
        Commit();
    }

    // While the storage takes nothing each step tries again, with the time of the first.
    private void Begin()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            foreach (var beginning in _pipelines.Select(pipeline => pipeline.Feed.Beginning).OfType<ResumePoint>())
            {
                _beginnings[beginning.Unit.Asset] = beginning;
            }
        }

        if (_beginnings.Count > 0 && _commits.Begin(_beginnings.Values))
        {
            _beginnings.Clear();
        }
    }

    private void Commit()
    {
        if (_batch.IsEmpty)
        {
            return;
        }

        var progress = _pipelines.Select(pipeline => pipeline.TakeProgress()).OfType<AssetProgress>().ToArray();
        var contents = _batch.Take();
        var (kind, waited) = _rule.Close();
        foreach (var asset in _commits.Commit(contents, progress, kind, waited))
        {
            Note(new(asset.Unit, asset.Age));
            _beginnings.Remove(asset.Unit.Asset);
        }

        Status = Look();
    }

    private void Note(ResumePoint? committed)
    {
        if (committed is not null)
        {
            _committed[committed.Unit.Asset] = committed;
        }
    }

    private void Notice()
    {
        var (before, now) = (Status, Look());
        Status = now;
        if (!before.Faults.SequenceEqual(now.Faults) || !before.Assets.Select(a => a.Installation).SequenceEqual(now.Assets.Select(a => a.Installation)))
        {
            Changed.Raise();
        }
    }

    private LineStatus Look() => new(
        [.. _pipelines.Select(p => new ReportedAsset(p.Feed.Asset.ToString(), p.Feed.MachineKind, p.Last?.Unit.Installation ?? 0, Committed(p.Feed.Asset, p.Last?.Unit)))],
        [.. _pipelines.SelectMany(p => p.Feed.Faults)]);

    // A frame of the installation before says nothing of this one.
    private long Committed(AssetId asset, UnitRef? unit) => _committed.TryGetValue(asset, out var committed) && committed.Unit == unit ? committed.Age : -1;
}
