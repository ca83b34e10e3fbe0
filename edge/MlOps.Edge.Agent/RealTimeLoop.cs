using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent;

/// <summary>Steps the agent by the clock, at the shortest pace of its machines; for the first time as soon as it runs, or when the next frame after the last run's is due.</summary>
internal sealed partial class RealTimeLoop(AgentRuntime runtime, AgentOptions options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<RealTimeLoop> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await runtime.StartAsync(stoppingToken);
        try
        {
            var pace = options.Sensing.Assets.Min(asset => asset.Pace ?? asset.SampleInterval);
            if (UntilFirst(pace) is var wait && wait > TimeSpan.Zero)
            {
                await Task.WhenAny(Task.Delay(wait, clock, stoppingToken), runtime.Completion);
                stoppingToken.ThrowIfCancellationRequested();
            }

            using var timer = new PeriodicTimer(pace, clock);
            var standing = false;
            while (!runtime.Completion.IsCompleted)
            {
                var frames = await runtime.StepAsync(stoppingToken);
                if (frames == 0 && !standing)
                {
                    await runtime.FlushAsync(stoppingToken);
                    LogStanding();
                }

                standing = frames == 0;
                await timer.WaitForNextTickAsync(stoppingToken);
            }

            await runtime.Completion; // a loop that failed tells why here
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rule's end.
        }
        finally
        {
            await runtime.StopAsync(CancellationToken.None);
        }
    }

    // Agents that start often must not make machines older than they are. A clock that was set back holds nothing up for longer than one frame.
    private TimeSpan UntilFirst(TimeSpan pace)
    {
        var last = options.Sensing.Assets.Max(asset => runtime.ResumePoint(AssetId.Parse(asset.Id!))?.Time);
        var left = last + pace - clock.GetUtcNow() ?? TimeSpan.Zero;
        return left < pace ? left : pace;
    }

    [LoggerMessage(LogLevel.Information, "No machine has frames to give; the agent goes on and waits")]
    private partial void LogStanding();
}
