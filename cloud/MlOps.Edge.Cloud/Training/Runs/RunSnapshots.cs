using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Takes a run's snapshot, tells the log, and reads it back: what trains is what was stored, not what was just in memory.</summary>
internal sealed class RunSnapshots(SnapshotTaker taker, SnapshotReader reader, IEventLog log, IOptions<TrainingOptions> options)
{
    /// <param name="parent">Units keep the sides that this snapshot gave them; null: there is none yet.</param>
    public async Task<RunSnapshot> TakeAsync(
        string run, ModelDefinition definition, DataCut cut, int seed, Sha256Digest? parent, CancellationToken cancellationToken)
    {
        var order = new SnapshotOrder(definition, cut, seed, options.Value.Split);
        var digest = await taker.TakeAsync(order, parent, cancellationToken);
        var content = await reader.ReadAsync(digest, cancellationToken);
        var snapshot = new RunSnapshot(digest, content, await reader.ReadUnitsAsync(content, cancellationToken));
        await log.AppendAsync($"run/{run}/snapshot", cut.Watermark, $"model/{definition.Name}", EventKinds.SnapshotTaken, Told(run, snapshot), cancellationToken);
        return snapshot;
    }

    private static JsonObject Told(string run, RunSnapshot snapshot)
    {
        int Ended(UnitEnd end) => snapshot.Content.Units.Count(u => u.End == end);
        return new()
        {
            ["run"] = run,
            ["snapshot"] = snapshot.Digest.ToString(),
            ["parent"] = snapshot.Content.Parent?.ToString(),
            ["units"] = snapshot.Content.Units.Count,
            ["failed"] = Ended(UnitEnd.Failed),
            ["censored"] = Ended(UnitEnd.Censored),
            ["running"] = Ended(UnitEnd.Running),
            ["frames"] = snapshot.Content.Units.Sum(u => (long)u.Frames),

            // The first to fail are the short lives: the two side by side say how far the labels can be trusted for the fleet.
            ["meanLifetimeFailed"] = MeanAge(snapshot.Content, UnitEnd.Failed),
            ["meanAgeRunning"] = MeanAge(snapshot.Content, UnitEnd.Running),
        };
    }

    private static double? MeanAge(DatasetSnapshot snapshot, UnitEnd end) =>
        snapshot.Units.Where(u => u.End == end).Select(u => (double?)(u.FirstFrame + u.Frames)).Average();
}

/// <summary>A snapshot with its frames.</summary>
/// <param name="Units">In the order of the snapshot's units.</param>
internal sealed record RunSnapshot(Sha256Digest Digest, DatasetSnapshot Content, IReadOnlyList<UnitHistory> Units)
{
    public UnitSplit Split { get; } = UnitSplit.From(Content.Split);

    /// <summary>The units that have a side.</summary>
    public IReadOnlyList<UnitHistory> Assigned { get; } = [.. Units.IntersectBy(Content.Split.Select(a => a.Unit), u => u.Unit)];

    public string[] On(UnitSide side) => [.. Assigned.Select(u => u.Unit).Where(unit => Split[unit].Side == side)];
}
