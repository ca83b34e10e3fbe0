namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>Tells one device's fault from what many devices share.</summary>
internal static class SharedFaults
{
    /// <summary>Leaves out a channel that several devices report alike: many devices moving in the same way is the fleet.</summary>
    public static DeviceFault[] SetAside(IReadOnlyList<DeviceFault> faults, IReadOnlyList<UnitWindow> units)
    {
        var most = Math.Max(2, units.Select(u => u.Device).Distinct().Count() / 5);
        var shared = faults.GroupBy(f => f.Channel)
            .Where(channel => channel.Select(f => f.Device).Distinct().Count() > most)
            .Select(channel => channel.Key)
            .ToHashSet(StringComparer.Ordinal);
        return [.. faults.Where(f => !shared.Contains(f.Channel))];
    }
}
