using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>The way back to a version that was never proved on a device.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class GoingBackTests(LateDevice device) : IClassFixture<LateDevice>
{
    [Fact]
    public async Task A_device_that_came_later_refuses_an_old_signature_and_takes_the_old_file_signed_again()
    {
        await device.AssignAsync(1);
        var refused = await device.OutcomeAsync(1);
        Assert.Equal(("rejected", 2), (refused.State, refused.Runs));
        Assert.Contains("its counter 1 is lower than 2", refused.Reason, StringComparison.Ordinal);

        var url = device.Cloud.Settings.Api.ToString();
        var reissued = await BuiltProgram.RunAsync(
            BuiltProgram.Cli, "model", "reissue", MeanModel.Definition.Name, "1", "--reason", "version 2 is twice too high", "--by", "ada", "--url", url);
        Assert.Equal((0, ""), (reissued.ExitCode, reissued.Error));
        Assert.Contains($"mlops rollout start {MeanModel.Definition.Name} 3", reissued.Output, StringComparison.Ordinal);

        await device.AssignAsync(3);
        var taken = await device.OutcomeAsync(3);
        Assert.Equal(("succeeded", 3), (taken.State, taken.Runs));

        var versions = (await device.Cloud.Grain<IModelGrain>(MeanModel.Definition.Name).GetAsync())!.Versions;
        Assert.Equal((versions[0].Onnx, 1), (versions[2].Onnx, versions[2].ReissueOf));
        var history = await BuiltProgram.RunAsync(BuiltProgram.Cli, "model", "history", MeanModel.Definition.Name, "--url", url);
        Assert.Contains("reason: ada: version 2 is twice too high", history.Output, StringComparison.Ordinal);
    }
}

/// <summary>A device that was put up when the model had a second version already.</summary>
public sealed class LateDevice : RefusingDevice
{
    private protected override TestModel[] Registered => [MeanModel.Of(gain: 1), MeanModel.Of(gain: 2)];
}
