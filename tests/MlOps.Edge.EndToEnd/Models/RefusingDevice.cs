using System.Globalization;
using System.Text;
using System.Text.Json;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.EndToEnd.Processes;
using MlOps.Edge.Gateway.Link;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>A cloud, and an agent process that runs version 1 of a model and is offered worse ones.</summary>
public class RefusingDevice : IAsyncLifetime
{
    public const string Device = "pump-01";

    private readonly TestFolder _folder = new();
    private HostedCloud? _cloud;
    private RunningProgram? _agent;
    private int _offered;

    internal HostedCloud Cloud => _cloud!;

    /// <summary>What the registry has when the device is put up; it runs the newest and has never seen the others.</summary>
    private protected virtual TestModel[] Registered => [MeanModel.Of(gain: 1)];

    public async ValueTask InitializeAsync()
    {
        _cloud = await HostedCloud.StartAsync(_folder["cloud"]);
        File.WriteAllText(_folder["recording.csv"], "flow[m3/h],temperature[Cel]\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"{i % 17},{i % 5}\n")));
        foreach (var model in Registered)
        {
            _offered = (await Registration.RegisterAsync(_cloud, model, $"end-to-end-{_offered + 1}")).Version;
        }

        var first = _offered;
        await AssignAsync(first);
        _agent = BuiltProgram.Start(
            BuiltProgram.Agent, "--host", "127.0.0.1", "--port", _cloud.Settings.MqttPort.ToString(CultureInfo.InvariantCulture),
            "--device", Device, "--state", _folder["agent"], "--kind", MeanModel.Kind, "--replay", _folder["recording.csv"], "--interval", "00:00:01", "--pace", "00:00:00.05",
            "--Outbox:ShortestBatchAge", "00:00:00.5", "--Models:BlobAttempts", "2", "--Models:BlobRetry", "00:00:00.2", "--Models:MemorySlack", "1000000000000");
        await Wait.UntilAsync($"the device runs version {first}", async () => (await ShowAsync()) is { } shown && Runs(shown) == first);
    }

    /// <summary>Tells the device to run a version that is in the registry.</summary>
    internal async Task AssignAsync(int version)
    {
        var model = await Cloud.Grain<IModelGrain>(MeanModel.Definition.Name).GetAsync();
        await Cloud.Grain<IDeviceGrain>(Device).AssignAsync(new(model!.Versions.Single(v => v.Version == version).ToAssigned(), null, null));
    }

    /// <summary>Publishes a version as the cloud would, but for what the test spoils, and tells the device to run it.</summary>
    /// <param name="spoilManifest">Changes the manifest after it was signed.</param>
    /// <param name="key">Signs instead of the cloud's key.</param>
    /// <param name="spoilChunk">Sends the first chunk with another content.</param>
    /// <returns>The version.</returns>
    internal async Task<int> OfferAsync(TestModel model, Func<ModelManifest, ModelManifest>? spoilManifest = null, System.Security.Cryptography.ECDsa? key = null, bool spoilChunk = false)
    {
        var version = ++_offered;
        var package = ModelPackage.Of(model.Definition, await Registration.DraftAsync(Cloud, model), version, model.Onnx);
        var subject = $"{model.Definition.Name}:{version}";
        var signature = key is null ? Cloud.Get<IModelSigningKey>().Sign(subject, package.Manifest, package.Onnx) : ModelSigning.Sign(key, subject, package.Manifest, package.Onnx);
        var manifest = package.ManifestJson;
        if (spoilManifest is not null)
        {
            manifest = JsonSerializer.SerializeToUtf8Bytes(
                spoilManifest(JsonSerializer.Deserialize(manifest, Contracts.Documents.ContractsJson.Default.ModelManifest)!), Contracts.Documents.ContractsJson.Default.ModelManifest);
        }

        await PublishAsync(Sha256Digest.Of(manifest), manifest);
        await PublishAsync(Sha256Digest.Of(signature), signature);
        foreach (var (i, chunk) in package.Chunks.Index())
        {
            var content = chunk.ToArray();
            content[^1] ^= (byte)(spoilChunk && i == 0 ? 1 : 0);
            await PublishAsync(Sha256Digest.Of(chunk.Span), content);
        }

        await Cloud.Grain<IDeviceGrain>(Device).AssignAsync(
            new(new(model.Definition.Name, version, Sha256Digest.Of(manifest).ToString(), Sha256Digest.Of(signature).ToString()), null, null));
        return version;
    }

    /// <summary>What <c>mlops device show</c> says of the deployment, once it is over.</summary>
    internal async Task<ShownDevice> OutcomeAsync(int version) => await Wait.ForAsync($"the device is done with version {version}", async () =>
    {
        if (await ShowAsync() is not { } shown || !shown.GetProperty("reported").TryGetProperty("deployments", out var deployments))
        {
            return null;
        }

        var deployment = deployments.EnumerateArray().LastOrDefault(d => d.GetProperty("version").GetInt32() == version);
        return deployment.ValueKind == JsonValueKind.Object && deployment.GetProperty("state").GetString() is { } state && state is not ("pending" or "downloading" or "verifying" or "probation")
            ? new ShownDevice(state, deployment.TryGetProperty("reason", out var reason) ? reason.GetString() : null, Runs(shown))
            : null;
    });

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_agent is not null)
        {
            await _agent.DisposeAsync();
        }

        if (_cloud is not null)
        {
            await _cloud.DisposeAsync();
        }

        _folder.Dispose();
    }

    // Through the gateway's own connection: nobody else may publish a blob.
    private Task<bool> PublishAsync(Sha256Digest digest, byte[] content) =>
        Cloud.Get<BrokerLink>().Current!.PublishRetainedAsync(Topics.Blob(digest), content, TestContext.Current.CancellationToken);

    private async Task<JsonElement?> ShowAsync()
    {
        var shown = await BuiltProgram.RunAsync(BuiltProgram.Cli, "device", "show", Device, "-o", "json", "--url", Cloud.Settings.Api.ToString());
        if (shown.ExitCode != 0)
        {
            return null;
        }

        var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(shown.Output)).RootElement;
        return document.TryGetProperty("reported", out _) ? document : null;
    }

    private static int? Runs(JsonElement shown) =>
        shown.GetProperty("reported").TryGetProperty("active", out var active) ? active.GetProperty("version").GetInt32() : null;
}

/// <param name="State">Of the deployment.</param>
/// <param name="Runs">The version in the active slot.</param>
internal sealed record ShownDevice(string State, string? Reason, int? Runs);
