using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Cloud.Fleets;

/// <summary>
/// The list of devices. One that is new to it is on disk before the call returns; what has changed of one waits a moment, and when it was
/// last heard is worth no write: the device grains hold the truth and tell it again when they are next active.
/// </summary>
/// <remarks>
/// The whole list is one write, about 600 bytes a device with two models and a deployment: 6 MB for 10,000 devices, every two seconds at most
/// and only while a device changes. Newcomers that come together share a write.
/// </remarks>
internal sealed class FleetGrain([PersistentState("fleet")] IPersistentState<FleetState> stored) : Grain, IFleetGrain
{
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(2);

    private bool _changed;
    private Task _write = Task.CompletedTask;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Whoever is there says so again; who left meanwhile cannot.
        foreach (var device in stored.State.Devices.Values.Where(d => d.Online).ToList())
        {
            stored.State.Devices[device.Id] = device with { Online = false };
        }

        this.RegisterGrainTimer(WriteAsync, new GrainTimerCreationOptions(WriteEvery, WriteEvery));
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => WriteAsync();

    public async Task UpdateAsync(DeviceSummary device)
    {
        stored.State.Devices.TryGetValue(device.Id, out var known);
        stored.State.Devices[device.Id] = device;
        _changed |= !device.SaysTheSame(known);
        if (known is null)
        {
            await WriteAsync();
        }
    }

    public Task<DeviceSummary[]> ListAsync(FleetSelector selector) => Task.FromResult<DeviceSummary[]>(
    [
        .. stored.State.Devices.Values
            .Where(device => (selector.Group is null || selector.Group == device.Group) && (selector.MachineKind is null || selector.MachineKind == device.MachineKind)
                && !(selector.TakesModels && device.TelemetryOnly))
            .OrderBy(device => device.Id, StringComparer.Ordinal),
    ]);

    // One write at a time; it takes along whatever came before it began, so that a fleet that enrols at once does not write its list once a device.
    private async Task WriteAsync()
    {
        while (_changed || !_write.IsCompleted)
        {
            if (_write.IsCompleted)
            {
                _write = WriteOnceAsync();
            }

            await _write;
        }
    }

    private async Task WriteOnceAsync()
    {
        _changed = false;
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            _changed = true;
            throw;
        }
    }
}

[GenerateSerializer, Alias("mlops.fleet-state")]
internal sealed class FleetState
{
    [Id(0)] public Dictionary<string, DeviceSummary> Devices { get; init; } = [];
}
