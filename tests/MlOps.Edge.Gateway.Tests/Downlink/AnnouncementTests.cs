using System.Text;
using System.Text.Json;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Gateway.Tests.Downlink;

public sealed class AnnouncementByTheEmbeddedBrokerTests(RunningCloud cloud) : AnnouncementSuite(cloud), IClassFixture<RunningCloud>;

public sealed class AnnouncementByAnotherBrokerTests(CloudOnAnotherBroker cloud) : AnnouncementSuite(cloud), IClassFixture<CloudOnAnotherBroker>;

public abstract class AnnouncementSuite(RunningCloud cloud)
{
    [Fact]
    public async Task An_assignment_reaches_the_device_with_its_blobs_and_again_after_the_broker_has_forgotten_everything()
    {
        byte[] content = [.. "a chunk"u8];
        var blob = await cloud.Get<IArtifactStore>().PutAsync(content, TestContext.Current.CancellationToken);
        cloud.Blobs.Add(blob);
        var model = new AssignedModel("m", 1, blob.ToString(), blob.ToString());
        Assert.Equal(1, await cloud.Device("down-01").AssignAsync(new Assignment(model, null, "r1")));
        Assert.Equal(1, await cloud.Device("down-01").AssignAsync(new Assignment(model, null, "r1")));

        using (var device = await RawDevice.ConnectAsync(cloud.Port, "down-01"))
        {
            await HearsAllAsync(device, blob, content);
        }

        await cloud.RestartBrokerAsync();
        using (var device = await RawDevice.ConnectAsync(cloud.Port, "down-01"))
        {
            await HearsAllAsync(device, blob, content);
            await device.SendAsync(device.Batch(1));
            await Wait.UntilAsync(() => device.Stored?.Through == 1);
        }
    }

    [Fact]
    public async Task A_blob_that_a_device_misses_is_published_again_but_only_one_of_its_own()
    {
        var mine = await cloud.Get<IArtifactStore>().PutAsync("mine"u8.ToArray(), TestContext.Current.CancellationToken);
        var secret = await cloud.Get<IArtifactStore>().PutAsync("a training snapshot"u8.ToArray(), TestContext.Current.CancellationToken);
        cloud.Blobs.Add(mine);
        await cloud.Device("down-02").AssignAsync(new Assignment(new AssignedModel("m", 2, mine.ToString(), mine.ToString()), null, null));
        using var device = await RawDevice.ConnectAsync(cloud.Port, "down-02");
        await device.SubscribeAsync($"{Topics.Root}/b/+");
        await Wait.UntilAsync(() => device.On(Topics.Blob(mine)).Count == 1);

        var report = new ReportedDocument { Session = "s", Sequence = 1, Agent = new("1", "r", "o"), MissingBlobs = [mine, secret] };
        await device.PublishAsync(Topics.Reported(device.Id), JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.ReportedDocument));
        await Wait.UntilAsync(() => device.On(Topics.Blob(mine)).Count == 2 && device.Acknowledgements.Count == 1);
        Assert.Empty(device.On(Topics.Blob(secret)));
    }

    private static async Task HearsAllAsync(RawDevice device, Sha256Digest blob, byte[] content)
    {
        await device.SubscribeAsync(Topics.Blob(blob));
        await device.SubscribeAsync(Topics.ModelSigningKey);
        await Wait.UntilAsync(() =>
            device.On(Topics.Desired(device.Id)).Count > 0 && device.On(Topics.Blob(blob)).Count > 0 && device.On(Topics.ModelSigningKey).Count > 0);

        var desired = JsonSerializer.Deserialize(device.On(Topics.Desired(device.Id))[0], ContractsJson.Default.DesiredDocument)!;
        Assert.Equal((1, "m", "r1"), (desired.Epoch, desired.Active!.Model, desired.Rollout));
        Assert.Equal(content, device.On(Topics.Blob(blob))[0]);
        Assert.Equal("the key of this test", Encoding.UTF8.GetString(device.On(Topics.ModelSigningKey)[0]));
    }
}
