using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>The blobs of a model: what comes wrong, and what is kept.</summary>
public sealed class ModelBlobTests : ModelTests
{
    [Fact]
    public async Task A_tampered_chunk_never_counts_is_named_and_is_taken_once_it_is_right()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(Cloud);
        var chunk = model.Manifest.Chunks[1];
        await Cloud.PublishAsync(Topics.Blob(chunk), new byte[] { 1, 2, 3 });
        await Cloud.DesireAsync(TestAgent.Device, new() { Epoch = ++Epoch, Active = model.Pointer });
        await Cloud.UntilAsync(() => Cloud.Reported?.MissingBlobs.Contains(chunk) == true, Ct);

        await Cloud.PublishAsync(Topics.Blob(chunk), model.Blobs[chunk]);
        await SettledAsync();
        Assert.Equal(1, Reported.Active!.Version);
        Assert.Empty(Reported.MissingBlobs);
    }

    [Fact]
    public async Task A_chunk_that_stays_wrong_fails_the_update_and_the_nextEpoch_fetches_only_what_is_lacking()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(Cloud);
        var chunk = model.Manifest.Chunks[^1];
        await Cloud.PublishAsync(Topics.Blob(chunk), default);
        await DesireAsync(model);
        Assert.Equal(DeploymentState.Failed, Deployment().State);
        Assert.Contains(chunk.ToString(), Deployment().Reason);
        Assert.Null(Reported.Active);

        await Cloud.PublishAsync(Topics.Blob(chunk), model.Blobs[chunk]);
        await DesireAsync(model);
        Assert.Equal(1, Reported.Active!.Version);
    }

    [Fact]
    public async Task Blobs_that_no_slot_refers_to_are_deleted()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(Cloud);
        await two.PublishAsync(Cloud);
        await DesireAsync(one, two);
        await DesireAsync(one);
        var kept = Directory.GetFiles(Path.Combine(Folder.Folder, "blobs")).Select(Path.GetFileName);
        Assert.Equal(one.Blobs.Keys.Select(d => d.ToString()).Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
    }
}
