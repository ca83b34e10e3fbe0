using System.Diagnostics;

namespace MlOps.Edge.Gateway.Tests.Uplink;

public sealed class LockstepByTheEmbeddedBrokerTests(RunningCloud cloud) : LockstepSuite(cloud), IClassFixture<RunningCloud>;

public sealed class LockstepByAnotherBrokerTests(CloudOnAnotherBroker cloud) : LockstepSuite(cloud), IClassFixture<CloudOnAnotherBroker>;

public abstract class LockstepSuite(RunningCloud cloud)
{
    private const int Devices = 20;
    private const int PerTick = 5;
    private const int Ticks = 60;

    [Fact]
    public async Task Twenty_devices_that_wait_for_each_other_lose_nothing()
    {
        var devices = await Task.WhenAll(Enumerable.Range(0, Devices).Select(i => RawDevice.ConnectAsync(cloud.Port, $"lock-{i:00}")));
        var watch = Stopwatch.StartNew();
        for (var tick = 0; tick < Ticks; tick++)
        {
            var first = tick * PerTick + 1;
            await Task.WhenAll(devices.SelectMany(d => Enumerable.Range(first, PerTick).Select(n => d.SendAsync(d.Batch((ulong)n)))));
            await Wait.UntilAsync(() => devices.All(d => d.Stored?.Through == first + PerTick - 1));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{watch.Elapsed.TotalMilliseconds / Ticks:0.0} ms a tick of {Devices} devices and {PerTick} batches each, clients included");
        Assert.Equal(Devices * PerTick * Ticks, (await cloud.CountAsync()).Batches);
        foreach (var device in devices)
        {
            device.Dispose();
        }
    }
}
