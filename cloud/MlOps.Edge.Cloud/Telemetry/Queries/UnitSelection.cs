using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>Turns the words of a selector into units.</summary>
/// <param name="fleet">Lists the devices that a fleet selector names.</param>
internal sealed class UnitSelection(ITelemetryStore telemetry, Func<FleetSelector, Task<DeviceSummary[]>> fleet)
{
    private const int Listed = 10;

    /// <summary>The units that were read and that a selector names, ordered by asset and installation.</summary>
    /// <exception cref="UnknownUnitException">It names what is not there; the message says what is.</exception>
    public async Task<IReadOnlyList<UnitExtent>> FindAsync(UnitSelector selector, CancellationToken cancellationToken)
    {
        var filter = await FilterAsync(selector, cancellationToken);
        return [.. (await telemetry.ListUnitsAsync(cancellationToken)).Where(u => filter.Holds(u.Unit, u.MachineKind, u.Device))];
    }

    /// <summary>The selector as a question to any unit, also of those that were not read yet.</summary>
    /// <exception cref="UnknownUnitException">It names what is not there; the message says what is.</exception>
    public async Task<UnitFilter> FilterAsync(UnitSelector selector, CancellationToken cancellationToken)
    {
        var units = await telemetry.ListUnitsAsync(cancellationToken);
        foreach (var asset in selector.Assets)
        {
            Require(units.Any(u => asset.Holds(u.Unit)), $"No readings of '{asset}' are stored", units.Select(u => u.Unit.ToString()));
        }

        // Devices and kinds are also known before their first reading.
        var devices = selector.Devices.Count > 0 || selector.Group is not null || selector.MachineKind is not null ? await fleet(new()) : [];
        foreach (var device in selector.Devices.Select(d => d.ToString()))
        {
            Require(devices.Any(d => d.Id == device) || units.Any(u => u.Device.ToString() == device), $"There is no device '{device}'", devices.Select(d => d.Id));
        }

        var (group, kind) = (selector.Group, selector.MachineKind);
        Require(group is null || devices.Any(d => d.Group == group), $"No device is of a group '{group}'", devices.Select(d => d.Group));
        Require(
            kind is null || devices.Any(d => d.MachineKind == kind) || units.Any(u => u.MachineKind == kind), $"No machine is of a kind '{kind}'", units.Select(u => u.MachineKind));
        return new(selector, group is null ? null : [.. devices.Where(d => d.Group == group).Select(d => DeviceId.Parse(d.Id))]);
    }

    private static void Require(bool holds, string otherwise, IEnumerable<string> known)
    {
        if (holds)
        {
            return;
        }

        string[] names = [.. known.Distinct().Order(StringComparer.Ordinal)];
        var some = string.Join(", ", names.Take(Listed));
        throw new UnknownUnitException($"{otherwise}; known are {(names.Length == 0 ? "none yet" : names.Length > Listed ? $"{some} and {names.Length - Listed} more" : some)}.");
    }
}

/// <param name="Group">The devices of the selector's group; null: it names none.</param>
internal sealed record UnitFilter(UnitSelector Selector, HashSet<DeviceId>? Group)
{
    public bool Holds(UnitRef unit, string machineKind, DeviceId device) =>
        (Selector.Assets.Count == 0 || Selector.Assets.Any(a => a.Holds(unit))) && (Selector.MachineKind ?? machineKind) == machineKind && Holds(device);

    public bool Holds(DeviceId device) => (Selector.Devices.Count == 0 || Selector.Devices.Contains(device)) && Group?.Contains(device) != false;
}
