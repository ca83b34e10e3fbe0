using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Lifecycle;

/// <summary>Moves the loop in real time: the watermark is now.</summary>
internal sealed partial class HeartbeatService(
    IHeartbeat heartbeat, IOptions<HeartbeatOptions> options, TimeProvider clock, ILogger<HeartbeatService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await heartbeat.AdvanceAsync(clock.GetUtcNow(), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A store or a grain out of reach passes; a loop that has stopped for good would be worse. The next beat tries again.
                LogMissed(e);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "A heartbeat failed; the next one tries again")]
    private partial void LogMissed(Exception exception);
}

/// <summary>How often the loop takes a turn in real time. Section <c>Heartbeat</c>.</summary>
public sealed class HeartbeatOptions
{
    public const string Section = "Heartbeat";

    /// <summary>From 100 ms to an hour. Default: 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class HeartbeatOptionsValidator : IValidateOptions<HeartbeatOptions>;
