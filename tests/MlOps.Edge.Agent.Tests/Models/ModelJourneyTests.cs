using System.Security.Cryptography;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>Models on their way to a slot, over a real broker and through ONNX Runtime.</summary>
public sealed class ModelJourneyTests : IAsyncLifetime
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;
    private readonly TestAgent _folder = new();
    private FakeCloud _cloud = null!;
    private AgentHost _agent = null!;
    private long _epoch;

    public async ValueTask InitializeAsync()
    {
        _cloud = await FakeCloud.StartAsync();
        _agent = await _folder.StartAsync(_cloud.Port, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _cloud.DisposeAsync();
        _folder.Dispose();
    }

    private ReportedDocument Reported => _cloud.Reported!;

    private ReportedDeployment Deployment(SlotRole role = SlotRole.Active) => Reported.Deployments.Single(d => d.Role == role);

    private async Task DesireAsync(ModelPackage? active, ModelPackage? shadow = null)
    {
        await _cloud.DesireAsync(TestAgent.Device, new() { Epoch = ++_epoch, Active = active?.Pointer, Shadow = shadow?.Pointer, Rollout = "r1" });
        await _agent.Runtime.SettledAsync(_epoch, Ct);
    }

    private async Task StepAsync(int frames)
    {
        await _agent.StepsAsync(frames, Ct);
        await _agent.Runtime.FlushAsync(Ct);
        await _agent.Runtime.SettledAsync(_epoch, Ct);
    }

    private async Task RestartAsync()
    {
        await _agent.DisposeAsync();
        _agent = await _folder.StartAsync(_cloud.Port, Ct);
        await _agent.Runtime.SettledAsync(_epoch, Ct);
    }

    [Fact]
    public async Task A_model_is_fetched_proved_and_predicts_and_is_proved_after_its_probation()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(_cloud);
        await DesireAsync(model);
        Assert.Equal((DeploymentState.Probation, "r1"), (Deployment().State, Deployment().Rollout));

        await StepAsync(5);

        Assert.Equal(DeploymentState.Succeeded, Deployment().State);
        Assert.Equal(new(ModelPackage.Name, 1, model.Pointer.Manifest, model.Manifest.Digest), Reported.Active);
        var predictions = Assert.Single(_cloud.Batches.SelectMany(b => b.Predictions));
        Assert.Equal((PredictionRole.Active, 1u), (predictions.Role, predictions.Version));
        Assert.Equal([0UL, 1UL, 2UL, 3UL, 4UL], predictions.Frames);

        // The mean of the last four ages, the first one repeated on the left.
        Assert.Equal([0f, 0.25f, 0.75f, 1.5f, 2.5f], predictions.Outputs.Single(o => o.Name == "rul").Values);
    }

    [Fact]
    public async Task A_shadow_predicts_beside_the_active_model_and_becomes_active_without_another_download()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(_cloud);
        await two.PublishAsync(_cloud);
        await DesireAsync(one, two);
        await StepAsync(5);
        Assert.Equal(DeploymentState.Shadow, Deployment(SlotRole.Shadow).State);
        Assert.Equal([PredictionRole.Active, PredictionRole.Shadow], _cloud.Batches[^1].Predictions.Select(p => p.Role));

        foreach (var digest in two.Blobs.Keys)
        {
            await _cloud.PublishAsync(Topics.Blob(digest), default); // gone from the broker
        }

        await DesireAsync(two, one);
        await StepAsync(4);
        Assert.Equal((2, 1), (Reported.Active!.Version, Reported.Shadow!.Version));
        Assert.Equal(1, Reported.Previous!.Version);
        Assert.Equal(DeploymentState.Succeeded, Deployment().State);
    }

    [Fact]
    public async Task A_lower_epoch_is_ignored()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(_cloud);
        await two.PublishAsync(_cloud);
        _epoch = 7;
        await DesireAsync(two);
        await _cloud.DesireAsync(TestAgent.Device, new() { Epoch = 3, Active = one.Pointer });
        await DesireAsync(two);
        Assert.Equal(2, Reported.Active!.Version);
    }

    [Fact]
    public async Task A_tampered_chunk_never_counts_is_named_and_is_taken_once_it_is_right()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(_cloud);
        var chunk = model.Manifest.Chunks[1];
        await _cloud.PublishAsync(Topics.Blob(chunk), new byte[] { 1, 2, 3 });
        await _cloud.DesireAsync(TestAgent.Device, new() { Epoch = ++_epoch, Active = model.Pointer });
        await _cloud.UntilAsync(() => _cloud.Reported?.MissingBlobs.Contains(chunk) == true, Ct);

        await _cloud.PublishAsync(Topics.Blob(chunk), model.Blobs[chunk]);
        await _agent.Runtime.SettledAsync(_epoch, Ct);
        Assert.Equal(1, Reported.Active!.Version);
        Assert.Empty(Reported.MissingBlobs);
    }

    [Fact]
    public async Task A_chunk_that_stays_wrong_fails_the_update_and_the_next_epoch_fetches_only_what_is_lacking()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(_cloud);
        var chunk = model.Manifest.Chunks[^1];
        await _cloud.PublishAsync(Topics.Blob(chunk), default);
        await DesireAsync(model);
        Assert.Equal(DeploymentState.Failed, Deployment().State);
        Assert.Contains(chunk.ToString(), Deployment().Reason);
        Assert.Null(Reported.Active);

        await _cloud.PublishAsync(Topics.Blob(chunk), model.Blobs[chunk]);
        await DesireAsync(model);
        Assert.Equal(1, Reported.Active!.Version);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "another key", "not from a trusted key" },
        { "another manifest's signature", "for another manifest" },
        { "expired", "expired" },
        { "too large", "this device allows" },
        { "another machine", "machines of kind 'lathe'" },
        { "another unit", "'temperature' is in 'Cel' here and in 'K'" },
        { "another interval", "samples every" },
        { "too long a window", "longer than this device's history" },
        { "another input name", "its inputs are" },
        { "another output name", "its outputs are" },
        { "another version", "is of pump-rul:9" },
        { "another opset", "opset" },
        { "no golden vectors", "golden" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_model_that_may_not_run_here_is_rejected_with_the_reason_and_the_device_keeps_its_own(string flaw, string reason)
    {
        var good = ModelPackage.Create();
        await good.PublishAsync(_cloud);
        await DesireAsync(good);
        await StepAsync(4);

        var bad = Flawed(flaw);
        await bad.PublishAsync(_cloud);
        await DesireAsync(bad);

        Assert.Equal(DeploymentState.Rejected, Deployment().State);
        Assert.Contains(reason, Deployment().Reason);
        Assert.Equal(1, Reported.Active!.Version);
        await StepAsync(1);
        Assert.Equal(1u, Assert.Single(_cloud.Batches[^1].Predictions).Version);
    }

    private static ModelPackage Flawed(string flaw)
    {
        switch (flaw)
        {
            case "another key":
                return ModelPackage.Create(2, key: ECDsa.Create(ECCurve.NamedCurves.nistP256));
            case "another manifest's signature":
                var (two, three) = (ModelPackage.Create(2), ModelPackage.Create(3));
                return new()
                {
                    Manifest = two.Manifest,
                    Pointer = two.Pointer with { Signature = three.Pointer.Signature },
                    Blobs = new(two.Blobs.Concat(three.Blobs).DistinctBy(b => b.Key)),
                };
            case "expired": return ModelPackage.Create(2, change: m => m with { Expires = DateTimeOffset.UnixEpoch });
            case "too large": return ModelPackage.Create(2, change: m => m with { Size = long.MaxValue });
            case "another machine": return ModelPackage.Create(2, change: m => m with { MachineKind = "lathe" });
            case "another unit": return ModelPackage.Create(2, change: m => m with { Channels = [m.Channels[0], m.Channels[1] with { Unit = "K" }] });
            case "another interval": return ModelPackage.Create(2, change: m => m with { SampleInterval = TimeSpan.FromHours(1) });
            case "too long a window": return ModelPackage.Create(2, change: m => m with { Window = 17 });
            case "another input name": return ModelPackage.Create(2, change: m => m with { Input = m.Input with { Name = "frames" } });
            case "another output name": return ModelPackage.Create(2, OnnxFile.Mean(output: "life").Bytes);
            case "another version": return ModelPackage.Create(2, change: m => m with { Version = 9 });
            case "another opset": return ModelPackage.Create(2, change: m => m with { Opset = 18 });
            case "no golden vectors": return ModelPackage.Create(2, change: m => m with { Golden = [] });
            default: throw new ArgumentOutOfRangeException(nameof(flaw));
        }
    }

    [Fact]
    public async Task A_model_that_does_not_give_its_golden_answers_fails_and_the_device_keeps_its_own()
    {
        var (good, bad) = (ModelPackage.Create(), ModelPackage.Create(2, OnnxFile.Mean(gain: 1.01f).Bytes));
        await good.PublishAsync(_cloud);
        await bad.PublishAsync(_cloud);
        await DesireAsync(good);
        await DesireAsync(bad);
        Assert.Equal(DeploymentState.Failed, Deployment().State);
        Assert.Contains("golden vector 0", Deployment().Reason);
        Assert.Equal(1, Reported.Active!.Version);
    }

    [Fact]
    public async Task A_version_older_than_what_was_active_is_refused_unless_it_was_proved_here()
    {
        var (one, two, other) = (ModelPackage.Create(), Gain(2), ModelPackage.Create(1, change: m => m with { Metrics = new Dictionary<string, double> { ["x"] = 1 } }));
        foreach (var model in (ModelPackage[])[one, two, other])
        {
            await model.PublishAsync(_cloud);
        }

        await DesireAsync(one);
        await StepAsync(4);
        await DesireAsync(two);
        await StepAsync(4);
        await DesireAsync(other);
        Assert.Equal(DeploymentState.Rejected, Deployment().State);
        Assert.Contains("counter", Deployment().Reason);
        await DesireAsync(one);
        Assert.Equal(1, Reported.Active!.Version);
    }

    [Fact]
    public async Task A_model_that_answers_no_number_on_probation_is_rolled_back_without_the_cloud()
    {
        var good = ModelPackage.Create();
        await good.PublishAsync(_cloud);
        await DesireAsync(good);
        await StepAsync(4);

        // Divides by zero where the window's mean is 4.5, at age 6: its third prediction, and no golden one.
        var bad = DividesByZeroAt(4.5f);
        await bad.PublishAsync(_cloud);
        await DesireAsync(bad);
        Assert.Equal(2, Reported.Active!.Version);
        _agent.Runtime.SetNetwork(up: false);
        await _agent.StepsAsync(3, Ct);
        _agent.Runtime.SetNetwork(up: true);
        await _agent.Runtime.SettledAsync(_epoch, Ct);

        Assert.Equal(DeploymentState.RolledBack, Deployment().State);
        Assert.Contains("not a finite number", Deployment().Reason);
        Assert.Equal(1, Reported.Active!.Version);
        await StepAsync(1);
        Assert.Contains(_cloud.Batches[^1].Predictions, p => p.Version == 1);
    }

    [Fact]
    public async Task A_crash_on_probation_goes_back_to_the_previous_model_and_an_orderly_stop_does_not()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(_cloud);
        await two.PublishAsync(_cloud);
        await DesireAsync(one);
        await StepAsync(4);
        await DesireAsync(two);
        await RestartAsync();
        Assert.Equal((2, DeploymentState.Probation), (Reported.Active!.Version, Deployment().State));

        await _agent.DisposeAsync();
        var ledger = new ModelLedger(_folder.Folder);
        ledger.Save(ledger.State with { StoppedInOrder = false }); // as a kill leaves it
        _agent = await _folder.StartAsync(_cloud.Port, Ct);
        await _agent.Runtime.SettledAsync(_epoch, Ct);
        Assert.Equal((1, DeploymentState.RolledBack), (Reported.Active!.Version, Deployment().State));
        Assert.Contains("probation", Deployment().Reason);
    }

    [Fact]
    public async Task Models_are_loaded_again_after_a_restart_without_the_broker_and_predict_what_they_would_have()
    {
        var model = ModelPackage.Create();
        await model.PublishAsync(_cloud);
        await DesireAsync(model);
        await StepAsync(6);
        await _agent.DisposeAsync();
        await _cloud.StopAsync();
        _agent = await _folder.StartAsync(_cloud.Port, Ct);
        await _agent.StepsAsync(2, Ct);
        await _agent.Runtime.FlushAsync(Ct);
        await _cloud.RestartAsync();
        await _agent.Runtime.SettledAsync(_epoch, Ct);

        var predictions = _cloud.Batches[^1].Predictions.Single();
        Assert.Equal([6UL, 7UL], predictions.Frames);
        Assert.Equal([4.5f, 5.5f], predictions.Outputs[0].Values);
    }

    [Fact]
    public async Task Blobs_that_no_slot_refers_to_are_deleted()
    {
        var (one, two) = (ModelPackage.Create(), Gain(2));
        await one.PublishAsync(_cloud);
        await two.PublishAsync(_cloud);
        await DesireAsync(one, two);
        await DesireAsync(one);
        var kept = Directory.GetFiles(Path.Combine(_folder.Folder, "blobs")).Select(Path.GetFileName);
        Assert.Equal(one.Blobs.Keys.Select(d => d.ToString()).Order(StringComparer.Ordinal), kept.Order(StringComparer.Ordinal));
    }

    private static ModelPackage Gain(int version) => ModelPackage.Create(version, OnnxFile.Mean(version).Bytes, m => m with { Golden = [ModelPackage.Golden(version, 2.5f)] });

    private static ModelPackage DividesByZeroAt(float mean) => ModelPackage.Create(2, new OnnxFile()
        .Input("window", [-1, OnnxFile.Window, 2]).Output("rul", [-1, 1])
        .Floats("weights", [2, 1], 1, 0).Floats("pole", [1], mean)
        .Node("ReduceMean", ["window"], ["mean"], node => node.Message(5, OnnxFile.Ints("axes", 1)).Message(5, OnnxFile.IntAttribute("keepdims", 0)))
        .Node("MatMul", ["mean", "weights"], ["level"])
        .Node("Sub", ["level", "pole"], ["distance"])
        .Node("Div", ["level", "distance"], ["rul"]).Bytes, m => m with { Golden = [ModelPackage.Golden(1, 2.5f / (2.5f - mean))] });
}
