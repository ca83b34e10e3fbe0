using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Broker;
using MlOps.Edge.Gateway.Limits;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Limits;

public sealed class QuarantinedConnectTests(ImpatientCloud cloud) : IClassFixture<ImpatientCloud>
{
    [Fact]
    public async Task A_device_in_quarantine_waits_at_the_door_and_no_other_does()
    {
        var (clock, quarantines, device) = (new FakeTimeProvider(), cloud.Get<Quarantines>(), DeviceId.Parse("mad-01"));
        var uplink = new DirectUplink(cloud.Get<UplinkIntake>(), quarantines, new WaitingRoom(clock), clock);
        Assert.True(uplink.ConnectingAsync("mad-01").IsCompleted);

        await quarantines.BeginFloodAsync(device, quarantines.Of(device));
        var mad = uplink.ConnectingAsync("mad-01");
        Assert.True(uplink.ConnectingAsync("sane-01").IsCompleted);
        Assert.True(uplink.ConnectingAsync("not a device").IsCompleted);
        Assert.False(mad.IsCompleted);
        clock.Advance(WaitingRoom.Time);
        Assert.True(await mad);
    }
}
