using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>What the drift grain does, without its memory: reads the news, and decides what they mean.</summary>
internal sealed class DriftRoom(ChampionWatches watches, SketchIntake sketches, FailureLabels labels, StatusWriter writer)
{
    public Task<ChampionWatch?> OpenAsync(ModelVersionView champion, int devices, string? calibration) =>
        watches.OpenAsync(champion, devices, calibration, CancellationToken.None);

    public async Task<DriftNews> ReadAsync(DriftQuery query, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        var from = query.Record;
        return new(
            query.Spec is { } spec ? await sketches.ReadAsync(from.Telemetry, spec, cancellationToken) : new(from.Telemetry, []),
            await labels.ReadAsync(query.Definition, from.Maintenance, from.Awaited, watermark, cancellationToken));
    }

    /// <param name="before">What was said last, perhaps of the version before.</param>
    /// <param name="watch">Null: nothing to watch against; errors in the field count all the same.</param>
    public DriftRecord Decide(DriftQuery query, DriftStatus before, DriftNews news, ChampionWatch? watch, DateTimeOffset watermark)
    {
        var record = query.Record;
        UnitScoreView[] scored = [.. news.Labels.Labelled.SelectMany(l => l.Views)];
        UnitScoreView[] scores = [.. record.Scores.Concat(scored).TakeLast(DriftRecord.MostScores)];
        var status = (before.Version == record.Version ? before : new() { Model = before.Model, Version = record.Version }) with
        {
            Watermark = watermark,
            Field = FieldErrors.Of(scores),
        };
        var state = record.Watch;
        if (watch is { Monitor: var monitor })
        {
            var evaluation = monitor.Evaluate(
                state is null ? monitor.Begin() : DriftState.FromBytes(state, monitor.Spec),
                new(watermark.UtcTicks, news.Sketches.Increments, Finished(news.Labels, record.Version), news.Labels.Repaired));
            status = writer.Write(status, evaluation.Verdict, watch.Calibration, watermark);
            state = evaluation.State.ToBytes();
        }

        status = status with { LabelledSinceVerdict = Labelled(before, status, news.Labels) };
        var changes = DriftEvents.Changes(before, status, record.Changes);
        var looked = news.Sketches.Increments.Count > 0 && status.Channels.Length > 0 && (changes.Count > 0 || IsTimeToTell(query, watermark));
        return record with
        {
            Telemetry = news.Sketches.Bookmark,
            Maintenance = news.Labels.Bookmark,
            Awaited = [.. news.Labels.Awaited],
            Scores = scores,
            Watch = state,
            Calibration = watch?.Calibration.ToJson() ?? record.Calibration,
            Status = status,
            Changes = record.Changes + changes.Count,
            Looked = looked ? watermark : record.Looked,
            Untold =
            [
                .. scored.Select(s => DriftEvents.Scored(status.Model, s, watermark)),
                .. looked ? [DriftEvents.Looked(status)] : Array.Empty<UntoldEvent>(),
                .. changes,
            ],
        };
    }

    // A heartbeat every few seconds would fill the log with what hardly moves. Scores change by the block, so they are told once a block of
    // the fleet's time, and with each change of a verdict.
    private static bool IsTimeToTell(DriftQuery query, DateTimeOffset watermark) =>
        query.Record.Looked is not { } last || watermark >= last + ((query.Spec?.Block ?? 1) * query.Definition.SampleInterval);

    // Only whole lives: windows near a failure alone are no fair sample of what the version was judged on.
    private static FinishedUnit[] Finished(LabelNews labels, int version) =>
        [.. labels.Labelled.SelectMany(l => l.Scores).Where(s => s.Version == version && s.WholeLife).Select(s => new FinishedUnit(s.Device, s.Score))];

    private static int Labelled(DriftStatus before, DriftStatus now, LabelNews labels)
    {
        if (now.Fleet is not { Verdict: DriftVerdictKind.Drift, Since: { } since })
        {
            return 0;
        }

        var known = before.Version == now.Version && before.Fleet.Since == since ? before.LabelledSinceVerdict : 0;
        return known + labels.Labelled.Count(l => l.Failure.At > since);
    }
}

/// <param name="Spec">What sketches are counted against; null: none are read.</param>
internal sealed record DriftQuery(ModelDefinition Definition, DriftRecord Record, SketchSpec? Spec);

/// <summary>What came since the bookmarks.</summary>
internal sealed record DriftNews(SketchNews Sketches, LabelNews Labels)
{
    /// <summary>Whether there is anything in it that the record does not know.</summary>
    public bool Changes(DriftRecord record) =>
        Sketches.Bookmark != record.Telemetry || Labels.Bookmark != record.Maintenance || Labels.Labelled.Count > 0 || Labels.Awaited.Count != record.Awaited.Length;
}
