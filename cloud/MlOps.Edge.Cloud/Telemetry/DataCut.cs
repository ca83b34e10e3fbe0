using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// What a reader sees of the stores: what is of a device time up to the watermark, and of that only what was stored by a moment,
/// because a device that was offline brings early frames late.
/// </summary>
/// <param name="Watermark">Device time, included.</param>
/// <param name="Head">null: whatever is stored when it is read.</param>
internal sealed record DataCut(DateTimeOffset Watermark, DataHead? Head = null)
{
    public static DataCut Everything { get; } = new(DateTimeOffset.MaxValue);

    public bool Shows(StoredBatch batch) => Head is null || batch.Position <= Head.Telemetry;

    /// <summary>The frames of a block that are to be seen: all, none, or where several blocks became one, those of the parts that were there.</summary>
    /// <returns>Indexes from, included, to, excluded.</returns>
    public IEnumerable<(int From, int To)> Shown(StoredBatch batch, Readings block)
    {
        var through = Math.Min((int)block.Frames, new FrameTimes(block).CountThrough(Watermark));
        if (block.PartPositions.Count == 0 || Head is null)
        {
            return Shows(batch) ? [(0, through)] : [];
        }

        var parts = new List<(int, int)>();
        var at = 0;
        foreach (var (position, frames, run) in BlockOrigins.Of(block, (ulong)batch.Position))
        {
            var there = Math.Clamp(Head.Telemetry - (long)position + 1, 0, run);
            if (there > 0 && at < through)
            {
                parts.Add((at, (int)Math.Min(at + there * frames, through)));
            }

            at += (int)(frames * run);
        }

        return parts;
    }

    public bool Shows(RecordedMaintenance recorded) => recorded.Event.At <= Watermark && (Head is null || recorded.Position <= Head.Maintenance);
}
