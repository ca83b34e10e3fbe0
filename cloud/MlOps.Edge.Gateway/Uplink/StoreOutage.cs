using Microsoft.Extensions.Logging;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>A store that is away is away for all devices: the log says so once, and once more when it is back.</summary>
internal sealed partial class StoreOutage(ILogger logger)
{
    private int _away;

    /// <param name="reason">In plain words.</param>
    public void Note(string reason)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
        {
            LogAway(reason);
        }
    }

    public void End()
    {
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1)
        {
            LogBack();
        }
    }

    [LoggerMessage(LogLevel.Error, "Telemetry cannot be stored, and devices keep it until it can: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Information, "Telemetry is stored again")]
    private partial void LogBack();
}

/// <summary>The store took nothing; the message says why.</summary>
internal sealed class NotStoredException(string message) : Exception(message);
