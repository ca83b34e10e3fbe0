using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Snapshots;

/// <summary>Takes a dataset snapshot of everything that is known of a kind of machine behind a cut. The same stores and order give the same digest.</summary>
internal sealed class SnapshotTaker(ITelemetryStore telemetry, IMaintenanceLog maintenance, UnitHistories histories, IArtifactStore artifacts, SnapshotReader reader)
{
    /// <param name="parent">The snapshot whose split goes on; null: a first split is made.</param>
    /// <returns>The snapshot's name.</returns>
    public async Task<Sha256Digest> TakeAsync(SnapshotOrder order, Sha256Digest? parent, CancellationToken cancellationToken)
    {
        var definition = order.Definition;
        var known = parent is { } earlier ? (await reader.ReadAsync(earlier, cancellationToken)).Split : [];
        var ends = await EndsAsync(order.Cut, cancellationToken);
        string[] channels = [.. definition.Channels.Select(c => c.Name)];
        var units = new List<SnapshotUnit>();
        var labelled = new List<UnitHistory>();

        // By asset and installation, as the store lists them.
        foreach (var extent in (await telemetry.ListUnitsAsync(cancellationToken)).Where(u => u.MachineKind == definition.MachineKind).OrderBy(u => u.Unit))
        {
            if (await histories.ReadAsync(extent.Unit, channels, order.Cut, cancellationToken) is not { } read)
            {
                continue;
            }

            var history = Labelled(read.History, ends.GetValueOrDefault(extent.Unit));
            units.Add(new(
                history.Unit,
                history.FirstFrame,
                history.Frames,
                read.LastTime.ToUniversalTime(),
                history.End,
                await artifacts.PutAsync(FrameBytes.Encode(history.Values), cancellationToken)));
            if (Teaches(history, definition))
            {
                labelled.Add(history);
            }
        }

        var snapshot = new DatasetSnapshot
        {
            Model = definition.Name,
            Definition = ModelDefinitions.Digest(definition),
            Channels = channels.Length,
            Watermark = order.Cut.Watermark.ToUniversalTime(),
            Parent = parent,
            Units = units,
            Split = [.. UnitSplit.From(known).With(labelled, order.Seed, order.Split).Assignments.OrderBy(a => a.Unit, StringComparer.Ordinal)],
        };
        return await artifacts.PutAsync(snapshot.ToBytes(), cancellationToken);
    }

    private async Task<Dictionary<UnitRef, MaintenanceEvent>> EndsAsync(DataCut cut, CancellationToken cancellationToken) =>
        (await maintenance.ReadAsync(after: 0, cancellationToken)).Where(cut.Shows)
            .Select(r => r.Event)
            .Where(e => MaintenanceRules.Ends(e.Kind))
            .ToDictionary(e => e.Unit);

    // A failure is a label only with the frames that led to it: while they are on a device that is offline, all that is
    // known is that the unit has lived so far.
    private static UnitHistory Labelled(UnitHistory history, MaintenanceEvent? end) =>
        end is null || history.FirstFrame + history.Frames - 1 >= end.Frame
            ? history
            : new() { Unit = history.Unit, FirstFrame = history.FirstFrame, Channels = history.Channels, Values = history.Values, End = UnitEnd.Running };

    // A unit that still runs joins neither side: when it has failed it may judge, or show in the field how good a version is
    // on machines that taught it nothing. A censored one proves that it lived so long, once that is longer than the cap.
    private static bool Teaches(UnitHistory history, ModelDefinition definition) => history.End switch
    {
        UnitEnd.Failed => true,
        UnitEnd.Censored => history.Frames > definition.RulCap,
        _ => false,
    };
}

/// <summary>What to take a snapshot of.</summary>
/// <param name="Seed">Of the split of units that are new.</param>
internal sealed record SnapshotOrder(ModelDefinition Definition, DataCut Cut, int Seed, SplitOptions Split);
