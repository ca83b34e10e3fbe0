using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Training;

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

    public bool Shows(RecordedMaintenance recorded) => recorded.Event.At <= Watermark && (Head is null || recorded.Position <= Head.Maintenance);
}
