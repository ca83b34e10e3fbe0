using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Link;
using MlOps.Edge.Gateway.Monitoring;
using MlOps.Edge.Gateway.Uplink;
using MQTTnet;

namespace MlOps.Edge.Gateway;

/// <summary>Keeps the connection to the broker, for ever: connects, listens, says everything again, and starts over when it is lost.</summary>
internal sealed partial class GatewayService(
    BrokerLink link, UplinkIntake uplink, Announcer announcer, GatewayMetrics metrics, TimeProvider clock, ILogger<GatewayService> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Watch(() => uplink.Lanes.Messages, () => uplink.Lanes.HeldBytes, () => link.IsReady);
        await using var stopping = stoppingToken.Register(uplink.Stop);
        var pause = ShortestPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var connection = await link.ConnectAsync(ReceiveAsync, stoppingToken);
                LogConnected(link.Broker);
                pause = ShortestPause;
                await ServeAsync(connection, stoppingToken);
                LogLost(link.Broker);
            }
            catch (Exception e) when (LinkLoss.Is(e) && !stoppingToken.IsCancellationRequested)
            {
                if (pause == ShortestPause)
                {
                    LogUnreachable(link.Broker, e.Message);
                }

                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    private async Task ServeAsync(BrokerConnection connection, CancellationToken stoppingToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var announcing = announcer.RunAsync(connection, ended.Token);
        try
        {
            await connection.Lost.WaitAsync(stoppingToken);
        }
        finally
        {
            await ended.CancelAsync();
            await EndOfAsync(announcing, ended.Token);
        }
    }

    private static async Task EndOfAsync(Task announcing, CancellationToken ended)
    {
        try
        {
            await announcing;
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // It was told to end; the next connection says everything anew.
        }
    }

    // One device after the other comes by this connection, so none of them may hold it up.
    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        if (UplinkMessage.TryFrom(received.ApplicationMessage, clock.GetTimestamp(), () => AcknowledgeAsync(received), out var message))
        {
            received.AutoAcknowledge = false;
            await uplink.TakeAsync(message, wait: false);
        }
    }

    private static async Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        try
        {
            await received.AcknowledgeAsync(CancellationToken.None);
        }
        catch (Exception e) when (LinkLoss.Is(e))
        {
            // The connection it came by is gone, and with it the broker's interest.
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker at {Broker}")]
    private partial void LogConnected(string broker);

    [LoggerMessage(LogLevel.Warning, "The connection to the broker at {Broker} is lost; trying again")]
    private partial void LogLost(string broker);

    [LoggerMessage(LogLevel.Warning, "The broker at {Broker} cannot be reached ({Reason}); trying again until it can")]
    private partial void LogUnreachable(string broker, string reason);
}
