using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Cloud.Fleets;

/// <summary>
/// The list of devices. A device that is new to it is written down at once; what has changed of one waits a moment, because
/// the device grains hold the truth and tell it again when they are next active.
/// </summary>
internal sealed class FleetGrain([PersistentState("fleet")] IPersistentState<FleetState> stored) : Grain, IFleetGrain
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(2);

    private bool _changed;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(WriteAsync, new GrainTimerCreationOptions(WriteEvery, WriteEvery));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteAsync(cancellationToken);

    public async Task UpdateAsync(DeviceSummary device)
    {
        stored.State.Devices.TryGetValue(device.Id, out var known);
        stored.State.Devices[device.Id] = device;
        _changed = true;
        if (known is null)
        {
            await WriteAsync(CancellationToken.None);
        }
    }

    public Task<DeviceSummary[]> ListAsync(FleetSelector selector) => Task.FromResult<DeviceSummary[]>(
    [
        .. stored.State.Devices.Values
            .Where(device => (selector.Group is null || selector.Group == device.Group) && (selector.MachineKind is null || selector.MachineKind == device.MachineKind))
            .OrderBy(device => device.Id, StringComparer.Ordinal),
    ]);

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_changed)
        {
            await stored.WriteStateAsync(cancellationToken);
            _changed = false;
        }
    }
}

[GenerateSerializer, Alias("mlops.fleet-state")]
internal sealed class FleetState
{
    [Id(0)] public Dictionary<string, DeviceSummary> Devices { get; init; } = [];
}
