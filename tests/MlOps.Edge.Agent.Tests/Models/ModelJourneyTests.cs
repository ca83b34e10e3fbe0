using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>Models on their way to a slot, and at work there.</summary>
public sealed class ModelJourneyTests : ModelTests
{
    [Fact]
    public async Task A_model_is_fetched_proved_and_predicts_and_is_proved_after_its_probation()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(Cloud);
        await DesireAsync(model);
        Assert.Equal((DeploymentState.Probation, "r1"), (Deployment().State, Deployment().Rollout));

        await StepAsync(5);

        Assert.Equal(DeploymentState.Succeeded, Deployment().State);
        Assert.Equal(new(ModelPackage.Name, 1, model.Pointer.Manifest, model.Manifest.Digest), Reported.Active);
        var predictions = Assert.Single(Cloud.Batches.SelectMany(b => b.Predictions));
        Assert.Equal((PredictionRole.Active, 1u), (predictions.Role, predictions.Version));
        Assert.Equal([0UL, 1UL, 2UL, 3UL, 4UL], predictions.Frames);

        // The mean of the last four ages, the first one repeated on the left.
        Assert.Equal([0f, 0.25f, 0.75f, 1.5f, 2.5f], predictions.Outputs.Single(o => o.Name == "rul").Values);
    }

    [Fact]
    public async Task A_shadow_predicts_beside_the_active_model_and_becomes_active_without_another_download()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(Cloud);
        await two.PublishAsync(Cloud);
        await DesireAsync(one, two);
        await StepAsync(5);
        Assert.Equal(DeploymentState.Shadow, Deployment(SlotRole.Shadow).State);
        Assert.Equal([PredictionRole.Active, PredictionRole.Shadow], Cloud.Batches[^1].Predictions.Select(p => p.Role));

        foreach (var digest in two.Blobs.Keys)
        {
            await Cloud.PublishAsync(Topics.Blob(digest), default); // gone from the broker
        }

        await DesireAsync(two, one);
        await StepAsync(4);
        Assert.Equal((2, 1), (Reported.Active!.Version, Reported.Shadow!.Version));
        Assert.Equal(1, Reported.Previous!.Version);
        Assert.Equal(DeploymentState.Succeeded, Deployment().State);
    }

    [Fact]
    public async Task A_lowerEpoch_is_ignored()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(Cloud);
        await two.PublishAsync(Cloud);
        Epoch = 7;
        await DesireAsync(two);
        await Cloud.DesireAsync(TestAgent.Device, new() { Epoch = 3, Active = one.Pointer });
        await DesireAsync(two);
        Assert.Equal(2, Reported.Active!.Version);
    }

    [Fact]
    public async Task Models_are_loaded_again_after_a_restart_without_the_broker_and_predict_what_they_would_have()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(Cloud);
        await DesireAsync(model);
        await StepAsync(6);
        await Agent.DisposeAsync();
        await Cloud.StopAsync();
        Agent = await Folder.StartAsync(Cloud.Port, Ct);
        await Agent.StepsAsync(2, Ct);
        await Agent.Runtime.FlushAsync(Ct);
        await Cloud.RestartAsync();
        await SettledAsync();

        var predictions = Cloud.Batches[^1].Predictions.Single();
        Assert.Equal([6UL, 7UL], predictions.Frames);
        Assert.Equal([4.5f, 5.5f], predictions.Outputs[0].Values);
    }
}
