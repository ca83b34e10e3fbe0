using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

internal sealed class MaintenanceDesk(ITelemetryStore telemetry, IMaintenanceLog log, UnitHistories histories, TimeProvider clock) : IMaintenanceDesk
{
    private const int Listed = 10;

    public async Task<RecordedMaintenance> RecordAsync(MaintenanceReport report, CancellationToken cancellationToken)
    {
        var unit = Find(report, await telemetry.ListUnitsAsync(cancellationToken));
        var frame = await FrameAsync(report, unit, cancellationToken);
        var entry = new MaintenanceEvent
        {
            Id = report.Id ?? $"{unit.Unit}-{Word(report.Kind)}-{frame}",
            Asset = unit.Unit.Asset.ToString(),
            Installation = unit.Unit.Installation,
            Kind = report.Kind,
            Frame = frame,
            At = report.At ?? await TimeAsync(report, unit, cancellationToken),
            Note = report.Note,
            RecordedBy = report.RecordedBy,
        };
        return new RecordedMaintenance(await log.AppendAsync(entry, cancellationToken), entry);
    }

    private static UnitExtent Find(MaintenanceReport report, IReadOnlyList<UnitExtent> known)
    {
        if (!AssetId.TryParse(report.Asset, null, out var asset))
        {
            throw new InvalidMaintenanceEventException($"'{report.Asset}' is not an asset id.");
        }

        var installations = known.Where(u => u.Unit.Asset == asset).OrderBy(u => u.Unit.Installation).ToList();
        if (installations.Count == 0)
        {
            throw new InvalidMaintenanceEventException($"No readings of an asset '{asset}' are stored; known are {List(known.Select(u => u.Unit.Asset.ToString()).Distinct())}.");
        }

        return report.Installation is not { } installation
            ? installations[^1]
            : installations.Find(u => u.Unit.Installation == installation)
              ?? throw new InvalidMaintenanceEventException($"No readings of {asset}#{installation} are stored; known are {List(installations.Select(u => u.Unit.ToString()))}.");
    }

    private async Task<long> FrameAsync(MaintenanceReport report, UnitExtent unit, CancellationToken cancellationToken)
    {
        if (report.Frame is { } frame)
        {
            return frame >= 0 && frame <= unit.LastFrame
                ? frame
                : throw new InvalidMaintenanceEventException($"{unit.Unit} never lived frame {frame}; stored are frames {unit.FirstFrame} to {unit.LastFrame}.");
        }

        if (report.At is not { } at)
        {
            return unit.LastFrame;
        }

        return await histories.LastFrameAsync(unit.Unit, at, cancellationToken)
               ?? throw new InvalidMaintenanceEventException($"Nothing of {unit.Unit} is stored before {at:O}; its newest frame {unit.LastFrame} is of {unit.LastTime:O}.");
    }

    // An event at the unit's last frame happened when that frame was taken; only a clock can date one in the midst of a life.
    private async Task<DateTimeOffset> TimeAsync(MaintenanceReport report, UnitExtent unit, CancellationToken cancellationToken) =>
        report.Frame is not { } frame || frame == unit.LastFrame
            ? unit.LastTime
            : await histories.TimeOfAsync(unit.Unit, frame, cancellationToken) ?? clock.GetUtcNow();

    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count switch
        {
            0 => "none yet",
            <= Listed => string.Join(", ", all),
            _ => $"{string.Join(", ", all.Take(Listed))} and {all.Count - Listed} more",
        };
    }

    private static string Word(MaintenanceKind kind) => kind switch
    {
        MaintenanceKind.Failure => "failure",
        MaintenanceKind.Replaced => "replaced",
        _ => "inspected",
    };
}
