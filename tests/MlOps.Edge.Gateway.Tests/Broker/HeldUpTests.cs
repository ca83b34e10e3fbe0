using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Gateway.Uplink;
using Orleans.Hosting;

namespace MlOps.Edge.Gateway.Tests.Broker;

/// <summary>One device's batches do not get through to the store, for as long as the test likes.</summary>
public sealed class HeldUpCloud : RunningCloud
{
    public const string Held = "held-01";
    public const int PerDevice = 128 * 1024;

    public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override IEnumerable<KeyValuePair<string, string?>> Settings =>
        [.. base.Settings, new("Gateway:MaxInFlightBytesPerDevice", $"{PerDevice}"), new("Gateway:Patience", "00:01:00")];

    protected override void Configure(ISiloBuilder silo) => silo.AddIncomingGrainCallFilter(async call =>
    {
        if (call.ImplementationMethod.Name == nameof(IDeviceGrain.IngestAsync) && call.TargetId.Key.ToString() == Held)
        {
            await Open.Task;
        }

        await call.Invoke();
    });
}

public sealed class HeldUpTests(HeldUpCloud cloud) : IClassFixture<HeldUpCloud>
{
    private const int Batches = 60;

    [Fact]
    public async Task A_device_that_is_held_up_holds_up_nobody_else_and_loses_nothing()
    {
        var lanes = cloud.Get<UplinkIntake>().Lanes;
        using var held = await RawDevice.ConnectAsync(cloud.Port, HeldUpCloud.Held);
        var sent = Enumerable.Range(1, Batches).Select(n => held.SendAsync(Large(held, (ulong)n))).ToArray();
        await Wait.UntilAsync(() => lanes.HeldBytes > HeldUpCloud.PerDevice / 2);

        // Its connection is not read any further, though it has sent more than it may.
        using var other = await RawDevice.ConnectAsync(cloud.Port, "free-01");
        for (var n = 1UL; n <= 20; n++)
        {
            await other.SendAsync(other.Batch(n));
            await Wait.UntilAsync(() => other.Stored?.Through == (long)n);
        }

        Assert.Contains(sent, publish => !publish.IsCompleted);
        Assert.Null(held.Stored);
        Assert.InRange(lanes.HeldBytes, 1, HeldUpCloud.PerDevice);

        cloud.Open.SetResult();
        await Wait.UntilAsync(() => held.Stored?.Through == Batches);
        await Task.WhenAll(sent);
        Assert.InRange(lanes.PeakBytes, 1, HeldUpCloud.PerDevice + 64 * 1024);
    }

    private static TelemetryBatch Large(RawDevice device, ulong sequence)
    {
        var batch = device.Batch(sequence);
        const int frames = 4000;
        batch.Readings[0].Frames = frames;
        batch.Readings[0].FirstFrame = sequence * frames;
        batch.Readings[0].Columns[0].Float32 = ByteString.CopyFrom(new byte[frames * sizeof(float)]);
        return batch;
    }
}
