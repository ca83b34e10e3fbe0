using MlOps.Edge.Contracts;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>In order per device, in parallel across devices, and never more at once than a fixed number.</summary>
/// <param name="work">Does what is waiting for one device, in order. It deals with its own failures.</param>
internal sealed class DeviceLanes(int capacity, Func<DeviceId, IReadOnlyList<UplinkMessage>, CancellationToken, Task> work) : IDisposable
{
    private readonly SemaphoreSlim _room = new(capacity);
    private readonly Dictionary<DeviceId, List<UplinkMessage>> _waiting = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Waits while too much is unfinished: the broker is not read meanwhile, and feels it.</summary>
    public async Task AddAsync(UplinkMessage message)
    {
        await _room.WaitAsync(_stopping.Token);
        lock (_gate)
        {
            if (_waiting.TryGetValue(message.Device, out var lane))
            {
                lane.Add(message);
                return;
            }

            _waiting.Add(message.Device, [message]);
        }

        _ = Task.Run(() => RunAsync(message.Device), CancellationToken.None);
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task RunAsync(DeviceId device)
    {
        while (Take(device) is { } batch)
        {
            try
            {
                await work(device, batch, _stopping.Token);
            }
            finally
            {
                _room.Release(batch.Count);
            }
        }
    }

    private List<UplinkMessage>? Take(DeviceId device)
    {
        lock (_gate)
        {
            var batch = _waiting[device];
            if (batch.Count == 0)
            {
                _waiting.Remove(device);
                return null;
            }

            _waiting[device] = [];
            return batch;
        }
    }
}
