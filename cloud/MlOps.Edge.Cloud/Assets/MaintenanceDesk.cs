using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

internal sealed class MaintenanceDesk(ITelemetryStore telemetry, IMaintenanceLog log, UnitHistories histories, TimeProvider clock) : IMaintenanceDesk
{
    private const int Listed = 10;

    public async Task<RecordedMaintenance> RecordAsync(MaintenanceReport report, CancellationToken cancellationToken)
    {
        var units = await telemetry.ListUnitsAsync(cancellationToken);
        if (Ahead(report, units) is { } told)
        {
            return new(await log.AppendAsync(told, cancellationToken), told);
        }

        var unit = Find(report, units);
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

    public async Task<IReadOnlyList<RecordedMaintenance>> HistoryAsync(AssetId asset, CancellationToken cancellationToken)
    {
        var recorded = await log.ListAsync(asset, cancellationToken);
        if (recorded.Count == 0)
        {
            Installations(asset, await telemetry.ListUnitsAsync(cancellationToken));
        }

        return recorded;
    }

    // A device may be offline while its machine fails, is replaced, and fails again. Whoever says which installation, which
    // frame and when, of an asset that is known, may speak of what has not been heard of yet; its frames are waited for.
    private static MaintenanceEvent? Ahead(MaintenanceReport report, IReadOnlyList<UnitExtent> known)
    {
        if (report is not { Installation: { } installation, Frame: { } frame, At: { } at } || !AssetId.TryParse(report.Asset, null, out var asset))
        {
            return null;
        }

        var newest = known.Where(u => u.Unit.Asset == asset).MaxBy(u => u.Unit);
        return newest is null || installation < newest.Unit.Installation || (installation == newest.Unit.Installation && frame <= newest.LastFrame)
            ? null
            : new MaintenanceEvent
            {
                Id = report.Id ?? $"{asset}#{installation}-{Word(report.Kind)}-{frame}",
                Asset = report.Asset,
                Installation = installation,
                Kind = report.Kind,
                Frame = frame,
                At = at,
                Note = report.Note,
                RecordedBy = report.RecordedBy,
            };
    }

    private static UnitExtent Find(MaintenanceReport report, IReadOnlyList<UnitExtent> known)
    {
        if (!AssetId.TryParse(report.Asset, null, out var asset))
        {
            throw new InvalidMaintenanceEventException($"'{report.Asset}' is not an asset id.");
        }

        var installations = Installations(asset, known);
        return report.Installation is not { } installation
            ? installations[^1]
            : installations.Find(u => u.Unit.Installation == installation)
              ?? throw new UnknownUnitException($"No readings of {asset}#{installation} are stored; known are {List(installations.Select(u => u.Unit.ToString()))}.");
    }

    private static List<UnitExtent> Installations(AssetId asset, IReadOnlyList<UnitExtent> known)
    {
        var installations = known.Where(u => u.Unit.Asset == asset).OrderBy(u => u.Unit.Installation).ToList();
        return installations.Count > 0
            ? installations
            : throw new UnknownUnitException($"No readings of an asset '{asset}' are stored; known are {List(known.Select(u => u.Unit.Asset.ToString()).Distinct())}.");
    }

    private async Task<long> FrameAsync(MaintenanceReport report, UnitExtent unit, CancellationToken cancellationToken)
    {
        if (report.Frame is { } frame)
        {
            return frame >= 0 && frame <= unit.LastFrame
                ? frame
                : throw new InvalidMaintenanceEventException($"{unit.Unit} never lived frame {frame}; stored are frames {unit.FirstFrame} to {unit.LastFrame}. If its device is offline, say installation, frame and time.");
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
        MaintenanceKind.SensorRepaired => "sensor-repaired",
        _ => "inspected",
    };
}
