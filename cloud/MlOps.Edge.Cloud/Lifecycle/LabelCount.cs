using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>How many full labels there are for a kind of machine.</summary>
internal sealed class LabelCount(IMaintenanceLog maintenance, ITelemetryStore telemetry)
{
    /// <summary>Failures up to the watermark of units of that kind whose life is stored.</summary>
    public async Task<int> CountAsync(string machineKind, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        var units = await telemetry.ListUnitsAsync(cancellationToken);
        var ofKind = units.Where(u => u.MachineKind == machineKind).Select(u => u.Unit).ToHashSet();
        var events = await maintenance.ReadAsync(0, cancellationToken);
        return events.Count(e => e.Event.Kind == MaintenanceKind.Failure && e.Event.At <= watermark && ofKind.Contains(e.Event.Unit));
    }
}
