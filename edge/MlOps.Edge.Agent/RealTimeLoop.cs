using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MlOps.Edge.Agent;

/// <summary>Steps the agent by the clock, at the shortest pace of its machines.</summary>
internal sealed partial class RealTimeLoop(AgentRuntime runtime, AgentOptions options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<RealTimeLoop> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await runtime.StartAsync(stoppingToken);
        using var timer = new PeriodicTimer(options.Sensing.Assets.Min(asset => asset.Pace ?? asset.SampleInterval), clock);
        try
        {
            var standing = false;
            while (await timer.WaitForNextTickAsync(stoppingToken) && !runtime.Completion.IsCompleted)
            {
                var frames = await runtime.StepAsync(stoppingToken);
                if (frames == 0 && !standing)
                {
                    await runtime.FlushAsync(stoppingToken);
                    LogStanding();
                }

                standing = frames == 0;
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

    [LoggerMessage(LogLevel.Information, "No machine has frames to give; the agent goes on and waits")]
    private partial void LogStanding();
}
