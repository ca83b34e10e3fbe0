using Microsoft.Extensions.Logging;
using MlOps.Edge.Host.Monitoring;

namespace MlOps.Edge.Host.Tests.Monitoring;

public sealed class OutageTests
{
    [Fact]
    public async Task An_outage_is_said_once_when_it_begins_and_once_when_it_is_over()
    {
        var log = new Lines();
        var outage = new Outage("the telemetry store", log);
        foreach (var fails in new[] { false, true, true, true, false, false, true })
        {
            await outage.WatchAsync(() => fails ? Task.FromException(new IOException("no route to host")) : Task.CompletedTask, TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            [
                "Warning: The metrics of the telemetry store stand still: its figures cannot be looked up (no route to host)",
                "Information: The metrics of the telemetry store go on",
                "Warning: The metrics of the telemetry store stand still: its figures cannot be looked up (no route to host)",
            ],
            log.Said);
    }

    [Fact]
    public async Task Stopping_is_no_outage()
    {
        var log = new Lines();
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => new Outage("it", log).WatchAsync(() => Task.FromCanceled(stop.Token), stop.Token));
        Assert.Empty(log.Said);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
