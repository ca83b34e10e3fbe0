using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts;
using Orleans.Runtime;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>The grains of devices by id. To ask for one by its interface looks the type up anew each time, which costs as much as a call.</summary>
internal sealed class DeviceGrains(IGrainFactory grains)
{
    private volatile GrainReference? _any;

    public IDeviceGrain Of(DeviceId device)
    {
        var key = device.ToString();
        if (_any is { } known)
        {
            return (IDeviceGrain)grains.GetGrain(GrainId.Create(known.GrainId.Type, key), known.InterfaceType);
        }

        var grain = grains.GetGrain<IDeviceGrain>(key);
        _any = grain as GrainReference;
        return grain;
    }
}
