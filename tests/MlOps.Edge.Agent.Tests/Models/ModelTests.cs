using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>One agent, a real broker, and models that are sent to it through ONNX Runtime.</summary>
public abstract class ModelTests : IAsyncLifetime
{
    private protected TestAgent Folder { get; } = new();

    private protected FakeCloud Cloud { get; private set; } = null!;

    private protected AgentHost Agent { get; set; } = null!;

    private protected long Epoch { get; set; }

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Cloud = await FakeCloud.StartAsync();
        Agent = await Folder.StartAsync(Cloud.Port, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        await Cloud.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected ReportedDocument Reported => Cloud.Reported!;

    protected ReportedDeployment Deployment(SlotRole role = SlotRole.Active) => Reported.Deployments.Single(d => d.Role == role);

    protected Task SettledAsync() => Agent.Runtime.SettledAsync(Epoch, Ct);

    private protected async Task DesireAsync(ModelPackage? active, ModelPackage? shadow = null)
    {
        await Cloud.DesireAsync(TestAgent.Device, new() { Epoch = ++Epoch, Active = active?.Pointer, Shadow = shadow?.Pointer, Rollout = "r1" });
        await SettledAsync();
    }

    protected async Task StepAsync(int frames)
    {
        await Agent.StepsAsync(frames, Ct);
        await Agent.Runtime.FlushAsync(Ct);
        await SettledAsync();
    }

    protected async Task RestartAsync()
    {
        await Agent.DisposeAsync();
        Agent = await Folder.StartAsync(Cloud.Port, Ct);
        await SettledAsync();
    }

    private protected static ModelPackage Gain(int version) => ModelPackage.Create(version, OnnxFile.Mean(version).Bytes, m => m with { Golden = [ModelPackage.Golden(version, 2.5f)] });
}
