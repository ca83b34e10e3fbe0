namespace MlOps.Edge.Cloud.Devices;

/// <summary>How far the cloud's knowledge of a machine is behind: the age of the oldest reading that it has not acknowledged.</summary>
public static class DeviceLag
{
    /// <summary>A device that is away goes on measuring, so what it said last grows with the time since it was heard.</summary>
    /// <param name="said">What the device said of its outbox; null: nothing, and nothing is known.</param>
    /// <param name="lastSeen">When it was last heard; null: never.</param>
    public static TimeSpan? At(DateTimeOffset now, TimeSpan? said, bool online, DateTimeOffset? lastSeen) =>
        online || said is null || lastSeen is not { } heard || heard >= now ? said : said + (now - heard);
}
