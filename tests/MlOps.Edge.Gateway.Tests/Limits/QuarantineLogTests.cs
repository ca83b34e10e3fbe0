using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Monitoring;

namespace MlOps.Edge.Gateway.Tests.Limits;

public sealed class QuarantineLogTests(ImpatientCloud cloud) : IClassFixture<ImpatientCloud>
{
    [Fact]
    public async Task The_log_says_in_utc_until_when()
    {
        var (log, clock) = (new Lines(), new FakeTimeProvider(new(2026, 11, 23, 23, 58, 1, 500, TimeSpan.FromHours(5))));
        var quarantines = new Quarantines(cloud.Get<IGrainFactory>(), cloud.Get<IDevicePath>(), Options.Create(new GatewayOptions()), cloud.Get<GatewayMetrics>(), clock, log);
        var device = DeviceId.Parse("logged-01");

        await quarantines.BeginFloodAsync(device, quarantines.Of(device));

        Assert.StartsWith("Device logged-01 is in quarantine until 2026-11-23T19:03:01Z: more than ", Assert.Single(log.Said), StringComparison.Ordinal);
    }

    private sealed class Lines : ILogger<Quarantines>
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add(formatter(state, exception));
    }
}
