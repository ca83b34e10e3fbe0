using System.Security.Cryptography;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Models;

/// <summary>Models that may not run here, or not again.</summary>
public sealed class ModelRefusalTests : ModelTests
{
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
        await good.PublishAsync(Cloud);
        await DesireAsync(good);
        await StepAsync(4);

        var bad = Flawed(flaw);
        await bad.PublishAsync(Cloud);
        await DesireAsync(bad);

        Assert.Equal(DeploymentState.Rejected, Deployment().State);
        Assert.Contains(reason, Deployment().Reason);
        Assert.Equal(1, Reported.Active!.Version);
        await StepAsync(1);
        Assert.Equal(1u, Assert.Single(Cloud.Batches[^1].Predictions).Version);
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
        await good.PublishAsync(Cloud);
        await bad.PublishAsync(Cloud);
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
            await model.PublishAsync(Cloud);
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
}
