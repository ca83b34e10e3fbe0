using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Gateway.Uplink;
using Orleans.Hosting;

namespace MlOps.Edge.Gateway.Tests.Uplink;

/// <summary>The store takes nothing, for as long as the test likes; what the gateway logs of it is kept.</summary>
public sealed class StorelessCloud : RunningCloud
{
    public bool Away { get; set; } = true;

    /// <summary>With the exception that went with each.</summary>
    public ConcurrentQueue<(string Text, Exception? Error)> Lines { get; } = new();

    protected override void Configure(ISiloBuilder silo)
    {
        silo.Services.AddLogging(logging => logging.AddProvider(new Kept(Lines)));
        silo.AddIncomingGrainCallFilter(async call =>
        {
            if (Away && call.ImplementationMethod.Name == nameof(IDeviceGrain.IngestAsync))
            {
                call.Result = new IngestAnswer { Fates = [], Streams = [], StoreFault = "the database cannot be reached" };
                return;
            }

            await call.Invoke();
        });
    }

    private sealed class Kept(ConcurrentQueue<(string, Exception?)> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName == typeof(UplinkHandler).FullName ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}

public sealed class StoreAwayTests(StorelessCloud cloud) : IClassFixture<StorelessCloud>
{
    [Fact]
    public async Task One_line_says_that_nothing_can_be_stored_and_one_that_it_can_again()
    {
        using var one = await RawDevice.ConnectAsync(cloud.Port, "one-01");
        using var two = await RawDevice.ConnectAsync(cloud.Port, "two-01");
        await Task.WhenAll(one.SendAsync(one.Batch(1)), two.SendAsync(two.Batch(1)));
        await Wait.UntilAsync(() => cloud.Get<UplinkIntake>().Lanes.HeldBytes == 0);
        Assert.Null(one.Stored);

        cloud.Away = false;
        await Task.WhenAll(one.SendAsync(one.Batch(1)), two.SendAsync(two.Batch(1)));
        await Wait.UntilAsync(() => one.Stored?.Through == 1 && two.Stored?.Through == 1);

        Assert.Equal(["Telemetry cannot be stored, and devices keep it until it can: the database cannot be reached", "Telemetry is stored again"], cloud.Lines.Select(line => line.Text));
        Assert.All(cloud.Lines, line => Assert.Null(line.Error));
    }
}
