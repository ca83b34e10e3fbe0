using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Api.Telemetry;

/// <param name="Frame">Operating age, in sample intervals.</param>
/// <param name="Time">Device time, corrected.</param>
internal sealed record LatestResponse(string Asset, int Installation, string MachineKind, string Device, long Frame, DateTimeOffset Time, ChannelResponse[] Channels)
{
    public static LatestResponse From(LatestReading latest) => new(
        latest.Unit.Asset.ToString(), latest.Unit.Installation, latest.MachineKind, latest.Device.ToString(), latest.Frame, latest.At,
        [.. latest.Values.Select(v => new ChannelResponse(v.Channel.Name, v.Channel.Unit, float.IsFinite(v.Value) ? v.Value : null))]);
}

/// <param name="Unit">UCUM.</param>
/// <param name="Value">Left out where it is missing or infinite.</param>
internal sealed record ChannelResponse(string Name, string Unit, float? Value);

/// <param name="FirstSequence">Of the batches that are missing; left out where none is.</param>
/// <param name="FirstFrame">Of the frames that are missing, with the unit; left out where that is not known.</param>
/// <param name="FirstTime">By the device's clock as it was, left out where it is not known.</param>
/// <param name="Readings">Values that are missing; of frames the most that it may be.</param>
/// <param name="ReceivedAt">When the cloud was told.</param>
internal sealed record GapResponse(
    string Device, string Reason, string? Asset, int? Installation, long? FirstFrame, long? LastFrame, long? FirstSequence, long? LastSequence,
    long Readings, DateTimeOffset? FirstTime, DateTimeOffset? LastTime, DateTimeOffset ReceivedAt)
{
    public static GapResponse From(StoredGap stored)
    {
        var gap = stored.Gap;
        var (unit, batches, times) = (gap.Asset.Length > 0, gap.LastSequence > 0, gap.FirstTimeMs != 0 || gap.LastTimeMs != 0);
        return new(
            stored.Device.ToString(), gap.Reason, unit ? gap.Asset : null, unit ? (int)gap.Installation : null, unit ? (long)gap.FirstFrame : null, unit ? (long)gap.LastFrame : null,
            batches ? (long)gap.FirstSequence : null, batches ? (long)gap.LastSequence : null, (long)gap.Readings,
            times ? DateTimeOffset.FromUnixTimeMilliseconds(gap.FirstTimeMs) : null, times ? DateTimeOffset.FromUnixTimeMilliseconds(gap.LastTimeMs) : null, stored.ReceivedAt);
    }
}
