using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Cloud.Telemetry.Upkeep;

/// <summary>Rolls up each minute, compacts after a quarter of an hour, a day and a month, and lets go of what is old each hour.</summary>
internal sealed partial class TelemetryUpkeepService(
    ITelemetryUpkeep upkeep, IOptions<TelemetryOptions> options, TimeProvider clock, ILogger<TelemetryUpkeepService> logger) : BackgroundService
{
    private static readonly TimeSpan ExpireEvery = TimeSpan.FromHours(1);

    private readonly TelemetryOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Job[] jobs =
        [
            new(_options.RollUpEvery, token => upkeep.RollUpAsync(token)),
            new(_options.CompactAfter, token => upkeep.CompactAsync(1, clock.GetUtcNow() - _options.CompactAfter, token)),
            new(TimeSpan.FromDays(1), token => upkeep.CompactAsync(2, clock.GetUtcNow() - TimeSpan.FromHours(1), token)),
            new(TimeSpan.FromDays(30), token => upkeep.CompactAsync(3, clock.GetUtcNow() - TimeSpan.FromDays(1), token)),
            new(ExpireEvery, token => upkeep.ExpireAsync(new(clock.GetUtcNow() - _options.KeepReadings, _options.MaxBytes, _options.KeepMinutes, _options.KeepHours), token)),
        ];
        var started = clock.GetTimestamp();
        using var timer = new PeriodicTimer(_options.RollUpEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var now = clock.GetElapsedTime(started);
            foreach (var job in jobs.Where(job => job.IsDue(now)))
            {
                await RunAsync(job, stoppingToken);
            }
        }
    }

    private async Task RunAsync(Job job, CancellationToken stoppingToken)
    {
        try
        {
            await job.Work(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // A full disk or a locked file passes; telemetry is taken in meanwhile, and the next turn goes on where this one ended.
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "Upkeep of the telemetry store failed; the next turn tries again")]
    private partial void LogFailed(Exception error);

    private sealed class Job(TimeSpan every, Func<CancellationToken, Task> work)
    {
        // The first time after one interval, not at once: a cloud that starts has other things to do.
        private TimeSpan? _next;

        public Func<CancellationToken, Task> Work { get; } = work;

        public bool IsDue(TimeSpan now)
        {
            if (now < (_next ??= every))
            {
                return false;
            }

            _next = now + every;
            return true;
        }
    }
}
