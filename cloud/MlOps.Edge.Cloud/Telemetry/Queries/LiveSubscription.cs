using System.Threading.Channels;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>What waits for one reader: blocks as they are stored, unpacked when they are read.</summary>
/// <param name="after">The position of the last batch that is not meant.</param>
/// <param name="channels">Empty: all.</param>
/// <param name="end">Takes the reader off the feed.</param>
internal sealed class LiveSubscription(UnitFilter filter, IReadOnlyList<string> channels, long after, Action<LiveSubscription> end) : ILiveSubscription
{
    /// <summary>Most frames that wait for a reader; one block always may.</summary>
    public const int MostFrames = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _frames;
    private long _missed;

    public bool Wants(StoredBatch stored) => stored.Position > after && filter.Holds(stored.Device);

    public void Offer(DeviceId device, TelemetryBatch batch, Readings block)
    {
        var unit = BatchCheck.Unit(block.Asset, block.Installation);
        if (!filter.Holds(unit, block.MachineKind, device))
        {
            return;
        }

        lock (_gate)
        {
            if (_waiting.Count > 0 && _frames + block.Frames > MostFrames)
            {
                _missed += _frames;
                _frames = 0;
                _waiting.Clear();
            }

            _waiting.Enqueue(new(device, unit, batch, block));
            _frames += block.Frames;
        }

        _signal.Writer.TryWrite(true);
    }

    public void Fail(Exception error) => _signal.Writer.TryComplete(error);

    public async ValueTask<LiveReadings> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Take() is var (next, missed))
            {
                return Unpack(next, missed);
            }

            await _signal.Reader.ReadAsync(cancellationToken);
        }
    }

    public void Dispose() => end(this);

    private (Waiting Next, long Missed)? Take()
    {
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out var next))
            {
                return null;
            }

            var missed = _missed;
            (_missed, _frames) = (0, _frames - next.Block.Frames);
            return (next, missed);
        }
    }

    private LiveReadings Unpack(Waiting waiting, long missed)
    {
        var columns = ReadingColumns.Of(waiting.Batch, waiting.Block);
        QueryChannel[] present = [.. columns.Schema.Channels.Where(c => channels.Count == 0 || channels.Contains(c.Name)).Select(c => new QueryChannel(c.Name, c.Unit))];
        var values = columns.Decode([.. present.Select(c => c.Name)]);
        return new(missed, present, new()
        {
            Unit = waiting.Unit,
            MachineKind = waiting.Block.MachineKind,
            Device = waiting.Device,
            Times = new FrameTimes(waiting.Block).ToArray(),
            Frames = [.. Enumerable.Range(0, (int)waiting.Block.Frames).Select(i => (long)waiting.Block.FirstFrame + i)],
            Values = [.. values.Select(v => v!)],
        });
    }

    private sealed record Waiting(DeviceId Device, UnitRef Unit, TelemetryBatch Batch, Readings Block);
}
