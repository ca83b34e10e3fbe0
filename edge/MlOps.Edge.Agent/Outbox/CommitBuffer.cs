using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Commits batches, and keeps them in memory while the storage takes nothing: up to <see cref="OutboxOptions.HeldBytes"/>. Of what falls out,
/// the oldest first, a gap tells the frames. One caller at a time.
/// </summary>
internal sealed class CommitBuffer(Outbox outbox, OutboxOptions options, int historyFrames, TimeProvider clock)
{
    private readonly LinkedList<Held> _held = [];
    private long _bytes;

    /// <summary>Writes where machines begin.</summary>
    /// <returns>Whether it is on the disk now.</returns>
    public bool Begin(IReadOnlyCollection<ResumePoint> beginnings)
    {
        try
        {
            outbox.Begin(beginnings);
            return true;
        }
        catch (UnwritableOutboxException)
        {
            // The outbox reports it.
            return false;
        }
    }

    /// <returns>The progress that is on the disk now, of this batch and those before it.</returns>
    public IReadOnlyList<AssetProgress> Commit(TelemetryBatch contents, IReadOnlyList<AssetProgress> progress, StreamKind kind, TimeSpan waited)
    {
        var held = new Held(contents, progress, kind, waited, clock.GetTimestamp(), contents.CalculateSize());
        _held.AddLast(held);
        _bytes += held.Bytes;
        var written = new List<AssetProgress>();
        try
        {
            while (_held.First is { Value: var next })
            {
                outbox.Commit(next.Contents, next.Progress, next.Kind, next.Waited + clock.GetElapsedTime(next.Since));
                _held.RemoveFirst();
                _bytes -= next.Bytes;
                written.AddRange(next.Progress);
            }
        }
        catch (UnwritableOutboxException)
        {
            // The outbox reports it. Each commit tries again.
            while (_bytes > options.HeldBytes && _held.Count > 1)
            {
                LetGo();
            }
        }

        return written;
    }

    private void LetGo()
    {
        var (lost, next) = (_held.First!.Value, _held.First.Next!.Value);
        next.Contents.Gaps.AddRange(lost.Contents.Gaps.Concat(lost.Contents.Readings.Select(readings => Gap(lost.Contents, readings))));
        _held.RemoveFirst();
        _held.First.Value = next with { Progress = Merged(lost.Progress, next.Progress) };
        _bytes -= lost.Bytes;
    }

    // The ring of a machine has all its frames, those that the cloud will not get too.
    private AssetProgress[] Merged(IReadOnlyList<AssetProgress> first, IReadOnlyList<AssetProgress> then) =>
    [
        .. first.Where(before => then.All(after => after.Unit.Asset != before.Unit.Asset)),
        .. then.Select(after => first.FirstOrDefault(before => before.Unit.Asset == after.Unit.Asset) is { } before && !after.Renewed
            ? after with { Renewed = before.Renewed, Frames = [.. before.Frames.Concat(after.Frames).TakeLast(historyFrames)] }
            : after),
    ];

    private static Gap Gap(TelemetryBatch batch, Readings readings) => new()
    {
        Reason = GapReason.Unwritten,
        Asset = readings.Asset,
        Installation = readings.Installation,
        FirstFrame = readings.FirstFrame,
        LastFrame = readings.FirstFrame + readings.Frames - 1,
        Readings = (ulong)(readings.Frames * ReadingColumns.Of(batch, readings).Count),
        FirstTimeMs = readings.FirstTimeMs,
        LastTimeMs = readings.FirstTimeMs + (readings.IntervalMs > 0 ? readings.IntervalMs * (readings.Frames - 1L) : readings.TimeDeltasMs.Sum(delta => (long)delta)),
    };

    private sealed record Held(TelemetryBatch Contents, IReadOnlyList<AssetProgress> Progress, StreamKind Kind, TimeSpan Waited, long Since, int Bytes);
}
