using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Limits;

/// <summary>A cloud whose patience is short enough for a test.</summary>
public sealed class ImpatientCloud : RunningCloud
{
    public const long MaxInFlight = 1024 * 1024;

    protected override IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        .. base.Settings,
        new("Gateway:MaxInFlightBytes", $"{MaxInFlight}"),
        new("Gateway:MaxInFlightBytesPerDevice", "131072"),
        new("Gateway:Limits:MessagesPerSecond", "50"),
        new("Gateway:Limits:MessageBurst", "100"),
        new("Gateway:Limits:MaxTimeAtLimit", "00:00:01"),
        new("Gateway:Limits:UnreadablePerMinute", "1"),
        new("Gateway:Limits:UnreadableBurst", "20"),
    ];
}

public sealed class FloodTests(ImpatientCloud cloud) : IClassFixture<ImpatientCloud>
{
    public enum Kind { Batches, Garbage, TooLarge }

    [Theory]
    [InlineData(Kind.Batches, "messages or")]
    [InlineData(Kind.Garbage, "cannot be taken")]
    [InlineData(Kind.TooLarge, "bytes at once")]
    public async Task A_flood_ends_in_quarantine_while_others_are_stored(Kind kind, string reason)
    {
        var id = $"flood-{kind}".ToLowerInvariant();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var flood = FloodAsync(id, kind, enough.Token);
        using var other = await RawDevice.ConnectAsync(cloud.Port, $"beside-{kind}".ToLowerInvariant());
        var sequence = 0UL;
        while ((await cloud.Device(id).GetAsync()).Quarantine is null)
        {
            await DeliverAsync(other, ++sequence);
        }

        // The flood goes on, and nobody notices.
        for (var more = 0; more < 10; more++)
        {
            await DeliverAsync(other, ++sequence);
        }

        var quarantine = (await cloud.Device(id).GetAsync()).Quarantine!;
        Assert.Contains(reason, quarantine.Reason, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(5), quarantine.Until - quarantine.Since);
        Assert.Equal(EventKinds.DeviceQuarantined, Assert.Single(await cloud.Get<IEventLog>().ReadAsync(0, $"device/{id}", 10, TestContext.Current.CancellationToken)).Kind);
        Assert.InRange(cloud.Get<UplinkIntake>().Lanes.PeakBytes, 1, ImpatientCloud.MaxInFlight);
        await enough.CancelAsync();
        await flood;
    }

    [Fact]
    public async Task What_a_quarantined_device_sends_is_not_stored_until_it_is_released()
    {
        const string id = "released-01";
        await cloud.Device(id).QuarantineAsync("it floods", TimeProvider.System.GetUtcNow());
        using var device = await RawDevice.ConnectAsync(cloud.Port, id);
        for (var n = 1UL; n <= 5; n++)
        {
            await device.SendAsync(device.Batch(n));
        }

        // What it says of itself comes through, after the batches, of which none was taken.
        await device.PublishAsync(Topics.Status(device.Id), [.. """{"online":true,"session":"a"}"""u8], retain: true);
        await Wait.UntilAsync(async () => (await cloud.Device(id).GetAsync()).Online);
        Assert.Empty(device.Acknowledgements);
        Assert.Equal(0, (await cloud.Device(id).GetAsync()).Batches);

        Assert.True(await cloud.Device(id).ReleaseAsync("ada", TimeProvider.System.GetUtcNow()));
        await Wait.UntilAsync(async () =>
        {
            await device.SendAsync(device.Batch(1)); // a device sends again what is not acknowledged
            return device.Stored?.Through == 1;
        });
    }

    private static async Task DeliverAsync(RawDevice device, ulong sequence)
    {
        await device.SendAsync(device.Batch(sequence));
        await Wait.UntilAsync(() => device.Stored?.Through == (long)sequence);
        await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, TestContext.Current.CancellationToken); // it keeps to the limits itself
    }

    // As fast as the connection takes it, and again when it is closed.
    private async Task FloodAsync(string id, Kind kind, CancellationToken enough)
    {
        var sequence = 0UL;
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using var device = await RawDevice.ConnectAsync(cloud.Port, id);
                while (device.IsConnected && !enough.IsCancellationRequested)
                {
                    if (kind == Kind.Garbage)
                    {
                        // No more than it may send, so that it is for what it sends that it is shut out.
                        await device.PublishAsync(Topics.Telemetry(device.Id), [0xff, 0xff, 0xff]).WaitAsync(enough);
                        await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, enough);
                        continue;
                    }

                    await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => kind == Kind.TooLarge
                        ? device.PublishAsync(Topics.Telemetry(device.Id), new byte[100_000])
                        : device.SendAsync(device.Batch(++sequence)))).WaitAsync(enough);
                }
            }
            catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttClientNotConnectedException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The broker has closed the connection, or the test is over.
            }
        }
    }
}
