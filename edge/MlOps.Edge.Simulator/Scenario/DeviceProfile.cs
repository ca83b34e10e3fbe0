namespace MlOps.Edge.Simulator.Scenario;

/// <summary>A device in the fleet and the place on the floor that it watches.</summary>
internal sealed record DeviceProfile
{
    /// <summary>Position in the fleet, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The device's id on the wire, e.g. <c>device-07</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The asset it watches, e.g. <c>centrifugal-pump-07</c>. It stays; the machine in it is replaced.</summary>
    public required string Asset { get; init; }

    /// <summary>The largest model that the device can hold, in bytes; null where memory is no matter.</summary>
    public long? ModelBudgetBytes { get; init; }
}
