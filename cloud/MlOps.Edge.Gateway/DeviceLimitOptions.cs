using System.ComponentModel.DataAnnotations;

namespace MlOps.Edge.Gateway;

/// <summary>
/// What one device may send. Section <c>Gateway:Limits</c>. The defaults let a device that comes back after seven days with a batch for every
/// five seconds (121,000 of them) drain in under two minutes and never reach <see cref="MaxTimeAtLimit"/>.
/// </summary>
public sealed class DeviceLimitOptions
{
    /// <summary>Messages per second in the long run. A sane device sends less than one. Default: 1000.</summary>
    [Range(1, 1_000_000)]
    public int MessagesPerSecond { get; set; } = 1000;

    /// <summary>Messages at once, after a rest. Default: 20,000.</summary>
    [Range(1, 100_000_000)]
    public int MessageBurst { get; set; } = 20_000;

    /// <summary>Bytes per second in the long run. Default: 8 MiB.</summary>
    [Range(1024, 1024L * 1024 * 1024 * 1024)]
    public long BytesPerSecond { get; set; } = 8 * 1024 * 1024;

    /// <summary>Bytes at once, after a rest. Default: 256 MiB.</summary>
    [Range(1024, 1024L * 1024 * 1024 * 1024)]
    public long ByteBurst { get; set; } = 256 * 1024 * 1024;

    /// <summary>How long a device may be at these limits without a rest before it is quarantined; until then it is slowed down. Default: 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan MaxTimeAtLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Messages per minute that nobody can read, that are too large or that are no MQTT. A device with damaged storage repeats each of its damaged batches
    /// every 80 s. Default: 60.
    /// </summary>
    [Range(1, 1_000_000)]
    public int UnreadablePerMinute { get; set; } = 60;

    /// <summary>Such messages at once, after a rest; the next one quarantines the device. Default: 200.</summary>
    [Range(1, 1_000_000)]
    public int UnreadableBurst { get; set; } = 200;

    /// <summary>Connects per minute in the long run. One more waits three seconds for its answer. Default: 20.</summary>
    [Range(1, 1_000_000)]
    public int ConnectsPerMinute { get; set; } = 20;

    /// <summary>Connects at once, after a rest. Default: 60.</summary>
    [Range(1, 1_000_000)]
    public int ConnectBurst { get; set; } = 60;
}
