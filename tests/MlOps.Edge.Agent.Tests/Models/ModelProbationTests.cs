using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>What becomes of a model that fails at its work.</summary>
public sealed class ModelProbationTests : ModelTests
{
    [Fact]
    public async Task A_model_that_answers_no_number_on_probation_is_rolled_back_without_theCloud()
    {
        var good = ModelPackage.Create();
        await good.PublishAsync(Cloud);
        await DesireAsync(good);
        await StepAsync(4);

        // Divides by zero where the window's mean is 4.5, at age 6: its third prediction, and no golden one.
        var bad = DividesByZeroAt(4.5f);
        await bad.PublishAsync(Cloud);
        await DesireAsync(bad);
        Assert.Equal(2, Reported.Active!.Version);
        Agent.Runtime.SetNetwork(up: false);
        await Agent.StepsAsync(3, Ct);
        Agent.Runtime.SetNetwork(up: true);
        await SettledAsync();

        Assert.Equal(DeploymentState.RolledBack, Deployment().State);
        Assert.Contains("not a finite number", Deployment().Reason);
        Assert.Equal(1, Reported.Active!.Version);
        await StepAsync(1);
        Assert.Contains(Cloud.Batches[^1].Predictions, p => p.Version == 1);
    }

    [Fact]
    public async Task A_crash_on_probation_goes_back_to_the_previous_model_and_an_orderly_stop_does_not()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(Cloud);
        await two.PublishAsync(Cloud);
        await DesireAsync(one);
        await StepAsync(4);
        await DesireAsync(two);
        await RestartAsync();
        Assert.Equal((2, DeploymentState.Probation), (Reported.Active!.Version, Deployment().State));

        await Agent.DisposeAsync();
        var ledger = new ModelLedger(Folder.Folder);
        ledger.Save(ledger.State with { StoppedInOrder = false }); // as a kill leaves it
        Agent = await Folder.StartAsync(Cloud.Port, Ct);
        await SettledAsync();
        Assert.Equal((1, DeploymentState.RolledBack), (Reported.Active!.Version, Deployment().State));
        Assert.Contains("probation", Deployment().Reason);
    }

    [Fact]
    public async Task A_start_that_does_not_get_through_is_no_orderly_end()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(Cloud);
        await DesireAsync(model);
        await Agent.DisposeAsync();
        Assert.True(new ModelLedger(Folder.Folder).State.StoppedInOrder);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Folder.StartAsync(Cloud.Port, new CancellationToken(canceled: true)));
        Assert.False(new ModelLedger(Folder.Folder).State.StoppedInOrder);
        Agent = await Folder.StartAsync(Cloud.Port, Ct);
    }

    private static ModelPackage DividesByZeroAt(float mean) => ModelPackage.Create(2, new OnnxFile()
        .Input("window", [-1, OnnxFile.Window, 2]).Output("rul", [-1, 1])
        .Floats("weights", [2, 1], 1, 0).Floats("pole", [1], mean)
        .Node("ReduceMean", ["window"], ["mean"], node => node.Message(5, OnnxFile.Ints("axes", 1)).Message(5, OnnxFile.IntAttribute("keepdims", 0)))
        .Node("MatMul", ["mean", "weights"], ["level"])
        .Node("Sub", ["level", "pole"], ["distance"])
        .Node("Div", ["level", "distance"], ["rul"]).Bytes, m => m with { Golden = [ModelPackage.Golden(1, 2.5f / (2.5f - mean))] });
}
