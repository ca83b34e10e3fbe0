namespace MlOps.Edge.Agent.Link;

/// <summary>The way to the broker.</summary>
internal sealed class LinkOptions
{
    /// <summary>Name or address of the MQTT 5 broker. Default: this machine.</summary>
    public string Host { get; set; } = "localhost";

    /// <summary>Default: 1883.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>The broker tells the others that the device is offline after one and a half of these. Default: 15 seconds.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest that the broker may take to answer. Default: 10 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait after the first failure to connect; it doubles with each, with jitter. Default: half a second.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such wait. Default: 30 seconds.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long changes gather before the reported document goes out. Default: 100 milliseconds.</summary>
    public TimeSpan ReportDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest that figures in the reported document (frames, outbox) may lag behind. Default: 1 minute.</summary>
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a reported document waits for its acknowledgement before it goes again. Default: 5 seconds.</summary>
    public TimeSpan ReportTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The wait after that many failures in a row, before jitter.</summary>
    public TimeSpan RetryDelay(int failures) =>
        TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Clamp(failures - 1, 0, 20), LongestRetry.Ticks));
}
