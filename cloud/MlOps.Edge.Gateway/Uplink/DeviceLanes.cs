using MlOps.Edge.Contracts;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>In order per device, in parallel across devices, and never more bytes at once than a fixed number, of one device and of all.</summary>
/// <param name="work">Does what is waiting for one device, in order. It deals with its own failures.</param>
internal sealed class DeviceLanes(GatewayOptions options, TimeProvider clock, Func<DeviceId, IReadOnlyList<UplinkMessage>, CancellationToken, Task> work) : IDisposable
{
    private readonly ByteBudget _room = new(options.MaxInFlightBytes, clock);
    private readonly Dictionary<DeviceId, Lane> _lanes = [];
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _messages;
    private bool _stopped;
    private bool _disposed;

    /// <summary>Bytes that are taken and not yet done with.</summary>
    public long HeldBytes => _room.Held;

    /// <summary>The most there ever were.</summary>
    public long PeakBytes => _room.Peak;

    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Takes a message in. Where there is no room it waits, for as long as the options say: whoever brings it is not read meanwhile, and feels it.</summary>
    /// <param name="wait">Whether it may wait for its own device's room: only if that holds up nobody else.</param>
    /// <returns>False: there was no room, and it is not taken.</returns>
    /// <exception cref="OperationCanceledException">The gateway stops.</exception>
    public async Task<bool> AddAsync(UplinkMessage message, bool wait)
    {
        // A status says what no later message says again.
        var patience = message.Subject == UpSubject.Status ? Timeout.InfiniteTimeSpan : options.Patience;
        var stopped = Stopped();
        var lane = Enter(message.Device);
        var taken = false;
        try
        {
            taken = await lane.Room.TakeAsync(message.Bytes, wait ? patience : TimeSpan.Zero, stopped) && await TakeFromAllAsync(lane, message.Bytes, patience, stopped);
        }
        finally
        {
            if (!taken)
            {
                Leave(message.Device, lane, 1);
            }
        }

        if (taken && Append(lane, message))
        {
            _ = Task.Run(() => RunAsync(message.Device, lane, stopped), CancellationToken.None);
        }

        return taken;
    }

    /// <summary>Takes nothing more, and leaves what it has.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            if (!_disposed)
            {
                _stopping.Cancel();
            }
        }
    }

    public void Dispose()
    {
        Stop();
        lock (_gate)
        {
            _disposed = true;
            _stopping.Dispose();
        }
    }

    private CancellationToken Stopped()
    {
        lock (_gate)
        {
            return _stopped ? new(canceled: true) : _stopping.Token;
        }
    }

    private async ValueTask<bool> TakeFromAllAsync(Lane lane, long bytes, TimeSpan patience, CancellationToken stopped)
    {
        var taken = false;
        try
        {
            return taken = await _room.TakeAsync(bytes, patience, stopped);
        }
        finally
        {
            if (!taken)
            {
                lane.Room.Give(bytes);
            }
        }
    }

    private Lane Enter(DeviceId device)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(device, out var lane))
            {
                _lanes.Add(device, lane = new(new(options.MaxInFlightBytesPerDevice, clock)));
            }

            lane.Users++;
            return lane;
        }
    }

    // A lane that nobody uses is forgotten: whoever can connect may have any number of names.
    private void Leave(DeviceId device, Lane lane, int messages)
    {
        lock (_gate)
        {
            lane.Users -= messages;
            if (lane.Users == 0)
            {
                _lanes.Remove(device);
            }
        }
    }

    // True: somebody has to begin with it.
    private bool Append(Lane lane, UplinkMessage message)
    {
        Interlocked.Increment(ref _messages);
        lock (_gate)
        {
            lane.Waiting.Add(message);
            var idle = !lane.Running;
            lane.Running = true;
            return idle;
        }
    }

    private async Task RunAsync(DeviceId device, Lane lane, CancellationToken stopped)
    {
        while (Take(lane) is { } batch)
        {
            try
            {
                await work(device, batch, stopped);
            }
            finally
            {
                foreach (var message in batch)
                {
                    lane.Room.Give(message.Bytes);
                    _room.Give(message.Bytes);
                }

                Interlocked.Add(ref _messages, -batch.Count);
                Leave(device, lane, batch.Count);
            }
        }
    }

    private List<UplinkMessage>? Take(Lane lane)
    {
        lock (_gate)
        {
            var batch = lane.Waiting;
            lane.Running = batch.Count > 0;
            lane.Waiting = [];
            return lane.Running ? batch : null;
        }
    }

    private sealed class Lane(ByteBudget room)
    {
        public ByteBudget Room { get; } = room;

        public List<UplinkMessage> Waiting { get; set; } = [];

        public bool Running { get; set; }

        /// <summary>Messages that wait for room, wait to be done, or are being done.</summary>
        public int Users { get; set; }
    }
}
