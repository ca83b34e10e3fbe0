using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Downlink;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Monitoring;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Limits;

public sealed class AtTheLimitTests(ImpatientCloud cloud) : IClassFixture<ImpatientCloud>
{
    [Fact]
    public async Task A_pause_that_is_too_short_for_a_timer_is_one_all_the_same()
    {
        var (clock, options) = (new FakeTimeProvider(), Options.Create(new GatewayOptions { Limits = { MessagesPerSecond = 100_000, MessageBurst = 1 } }));
        var quarantines = new Quarantines(cloud.Get<IGrainFactory>(), cloud.Get<IDevicePath>(), options, cloud.Get<GatewayMetrics>(), clock, cloud.Get<ILogger<Quarantines>>());
        using var intake = new UplinkIntake(cloud.Get<UplinkHandler>(), quarantines, cloud.Get<GatewayMetrics>(), options, clock);
        Task Take() => intake.TakeAsync(new(DeviceId.Parse("hasty-01"), UpSubject.Telemetry, [], clock.GetTimestamp(), () => Task.CompletedTask), wait: true);
        await Take();

        // Ten microseconds.
        var second = Take();
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(50));
        await second;
    }
}
