using MlOps.Edge.Contracts;
using MQTTnet;

namespace MlOps.Edge.Gateway.Tests.Broker;

/// <summary>Rights are judged by their effect: what reaches whom.</summary>
public sealed class TopicRightsTests(RunningCloud cloud) : IClassFixture<RunningCloud>
{
    [Theory]
    [InlineData("Not A Device")]
    [InlineData("$gateway")]
    [InlineData("a/b")]
    public async Task A_client_whose_id_is_no_device_id_cannot_connect(string clientId) =>
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await RawDevice.TryAsync(cloud.Port, clientId));

    [Fact]
    public async Task Nobody_becomes_the_gateway_by_guessing() =>
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, await RawDevice.TryAsync(cloud.Port, "$gateway", o => o.WithCredentials("gateway", "guess")));

    [Fact]
    public async Task A_device_cannot_speak_for_another_nor_for_the_cloud()
    {
        using var victim = await RawDevice.ConnectAsync(cloud.Port, "victim");
        await victim.SubscribeAsync($"{Topics.Root}/b/+");
        await victim.SubscribeAsync($"{Topics.Root}/t/#");
        using var intruder = await RawDevice.ConnectAsync(cloud.Port, "intruder");
        var blob = Topics.Blob(Sha256Digest.Of([1]));

        var batch = victim.Batch(1);
        await intruder.PublishAsync(Topics.Telemetry(victim.Id), Google.Protobuf.MessageExtensions.ToByteArray(batch));
        await intruder.PublishAsync(Topics.Desired(victim.Id), [1]);
        await intruder.PublishAsync(blob, [1], retain: true);
        await intruder.PublishAsync(Topics.ModelSigningKey, [66], retain: true);

        // What is sent after them arrives after them, so what has not come by now does not come.
        await intruder.SendAsync(intruder.Batch(1));
        await Wait.UntilAsync(() => intruder.Stored?.Through == 1);
        await victim.SendAsync(victim.Batch(2));
        await Wait.UntilAsync(() => victim.Stored is { Through: 0, Above: [{ First: 2, Last: 2 }] });
        Assert.Empty(victim.On(Topics.Desired(victim.Id)));
        Assert.Empty(victim.On(blob));
        Assert.DoesNotContain(victim.On(Topics.ModelSigningKey), key => key is [66]);
    }

    [Fact]
    public async Task A_will_on_another_s_topic_is_not_delivered()
    {
        using var victim = await RawDevice.ConnectAsync(cloud.Port, "victim-2");
        var intruder = await RawDevice.ConnectAsync(cloud.Port, "intruder-2", o => o.WithWillTopic(Topics.Desired(DeviceId.Parse("victim-2"))).WithWillPayload("boo"));
        var status = Topics.Status(DeviceId.Parse("witness"));
        var witness = await RawDevice.ConnectAsync(cloud.Port, "witness", o => o.WithWillTopic(status).WithWillPayload("""{"online":false,"session":"a"}"""));
        await witness.PublishAsync(status, [.. """{"online":true,"session":"a"}"""u8]);
        await Wait.UntilAsync(async () => (await cloud.Device("witness").GetAsync()).Online);

        // Wills do work here: when the later one has been heard, the earlier one is not coming.
        intruder.Dispose();
        witness.Dispose();
        await Wait.UntilAsync(async () => !(await cloud.Device("witness").GetAsync()).Online);
        await victim.SendAsync(victim.Batch(1));
        await Wait.UntilAsync(() => victim.Stored?.Through == 1);
        Assert.Empty(victim.On(Topics.Desired(victim.Id)));
    }

    [Theory]
    [InlineData("mlops/v1/d/overheard/#")]
    [InlineData("mlops/v1/d/+/down/#")]
    [InlineData("mlops/v1/d/+/up/#")]
    [InlineData("#")]
    [InlineData("$share/g/mlops/v1/d/overheard/down/#")]
    public async Task A_device_hears_nothing_of_another(string filter)
    {
        using var overheard = await RawDevice.ConnectAsync(cloud.Port, "overheard");
        using var listener = await RawDevice.ConnectAsync(cloud.Port, "listener");
        await listener.SubscribeAsync(filter);

        await overheard.SendAsync(overheard.Batch(1));
        await Wait.UntilAsync(() => overheard.Stored?.Through == 1);
        await listener.SendAsync(listener.Batch(1));
        await Wait.UntilAsync(() => listener.Stored?.Through == 1);
        Assert.Empty(listener.On(Topics.Acknowledgement(overheard.Id)));
        Assert.Empty(listener.On(Topics.Telemetry(overheard.Id)));
    }

    [Fact]
    public async Task A_message_beyond_the_limit_ends_the_connection_and_is_not_stored()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "heavy");
        var batch = device.Batch(1);
        batch.Gaps.Add(new Contracts.Telemetry.Gap { FirstSequence = 2, LastSequence = 2, Reason = new string('x', 70_000) });
        _ = device.SendAsync(batch).ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
        await Wait.UntilAsync(() => !device.IsConnected);

        Assert.False((await cloud.Device("heavy").GetAsync()).Known);
    }
}
