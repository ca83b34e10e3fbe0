using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>Turns recorded failures into scores of what the versions of a model had predicted, and tells whose sensors were repaired.</summary>
internal sealed class FailureLabels(ITelemetryStore telemetry, IMaintenanceLog maintenance, IOptions<LabelOptions> options)
{
    /// <param name="after">The maintenance log's bookmark.</param>
    /// <param name="awaited">Failures that were read before and whose frames were not all there.</param>
    public async Task<LabelNews> ReadAsync(
        ModelDefinition definition, long after, IReadOnlyList<AwaitedFailure> awaited, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        var events = await maintenance.ReadAsync(after, cancellationToken);
        AwaitedFailure[] failures =
        [
            .. awaited,
            .. events.Where(e => e.Event.Kind == MaintenanceKind.Failure).Select(e => new AwaitedFailure(e.Event.Unit.ToString(), e.Event.Frame, e.Event.At)),
        ];
        var waiting = failures.Where(f => f.At > watermark).ToList();
        var labelled = new List<LabelledUnit>();
        if (waiting.Count < failures.Length)
        {
            var units = (await telemetry.ListUnitsAsync(cancellationToken)).ToDictionary(u => u.Unit.ToString());
            foreach (var failure in failures.Where(f => f.At <= watermark).OrderBy(f => f.At).ThenBy(f => f.Unit, StringComparer.Ordinal))
            {
                var extent = units.GetValueOrDefault(failure.Unit);
                if (extent is not null && extent.MachineKind != definition.MachineKind)
                {
                    continue;
                }

                var overdue = failure.At + definition.SampleInterval * options.Value.LongestWait < watermark;
                if (extent?.LastFrame >= failure.Frame || (overdue && extent is not null))
                {
                    var life = await RecordedLife.ReadAsync(telemetry, definition.Name, failure, cancellationToken);
                    if (life.IsComplete || overdue)
                    {
                        labelled.Add(new(failure, [.. life.Scores(definition.RulCap, definition.Stride)]));
                        continue;
                    }
                }

                if (!overdue)
                {
                    waiting.Add(failure);
                }
            }
        }

        return new(events.Count == 0 ? after : events[^1].Position, waiting, labelled, Repaired(events));
    }

    private static string[] Repaired(IReadOnlyList<RecordedMaintenance> events) =>
        [.. events.Where(e => e.Event.Kind == MaintenanceKind.SensorRepaired).Select(e => e.Event.Asset).Distinct().Order(StringComparer.Ordinal)];
}

/// <param name="Bookmark">The maintenance log's.</param>
/// <param name="Awaited">Failures whose frames are still on their way.</param>
/// <param name="Labelled">In the order of their failures.</param>
/// <param name="Repaired">Assets, one of whose sensors was repaired.</param>
internal sealed record LabelNews(long Bookmark, IReadOnlyList<AwaitedFailure> Awaited, IReadOnlyList<LabelledUnit> Labelled, IReadOnlyList<string> Repaired);

/// <param name="Scores">Ascending by version; none where nothing was predicted of it.</param>
internal sealed record LabelledUnit(AwaitedFailure Failure, IReadOnlyList<VersionScore> Scores)
{
    public IEnumerable<UnitScoreView> Views => Scores.Select(s => new UnitScoreView(
        Failure.Unit, s.Device, s.Version, Failure.At, s.Score.Lifetime, s.Score.Windows, s.Score.SquaredErrors, s.Score.Covered, s.Score.Widths));
}
