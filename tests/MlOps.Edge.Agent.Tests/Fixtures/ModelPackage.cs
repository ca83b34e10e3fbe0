using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>A signed model version, ready to be published.</summary>
internal sealed class ModelPackage
{
    public const string Name = "pump-rul";

    public static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public required ModelManifest Manifest { get; init; }

    public required ModelPointer Pointer { get; init; }

    /// <summary>Every blob by its digest; a test may spoil one.</summary>
    public required Dictionary<Sha256Digest, byte[]> Blobs { get; init; }

    public static string PublicKey => Key.ExportSubjectPublicKeyInfoPem();

    /// <param name="version">Also the counter, unless the change says otherwise.</param>
    /// <param name="file">Default: the mean of the first channel.</param>
    /// <param name="change">Changes the manifest before it is signed.</param>
    /// <param name="key">Signs instead of <see cref="Key"/>.</param>
    public static ModelPackage Create(int version = 1, byte[]? file = null, Func<ModelManifest, ModelManifest>? change = null, ECDsa? key = null)
    {
        file ??= OnnxFile.Mean().Bytes;
        const int chunkSize = 100;
        byte[][] chunks = [.. file.Chunk(chunkSize)];
        var manifest = new ModelManifest
        {
            Model = Name,
            Version = version,
            Counter = version,
            Digest = Sha256Digest.Of(file),
            Size = file.Length,
            ChunkSize = chunkSize,
            Chunks = [.. chunks.Select(chunk => Sha256Digest.Of(chunk))],
            MachineKind = TestFeed.Kind,
            Channels = TestFeed.TwoChannels,
            Window = OnnxFile.Window,
            Stride = 1,
            SampleInterval = TimeSpan.FromSeconds(1),
            Opset = OnnxFile.Opset,
            Input = new("window", "float32", [-1, OnnxFile.Window, 2]),
            Outputs = [new("rul", "float32", [-1, 1])],
            Golden = [Golden(1, 2.5f)],
            GoldenTolerance = 1e-3,
            Budget = new(5, 64 << 20),
            Lineage = new(Sha256Digest.Of([]), "run-1", "test", null),
            Metrics = new Dictionary<string, double>(),
        };
        manifest = change?.Invoke(manifest) ?? manifest;
        var manifestBytes = JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest);
        var signature = ModelSigning.Sign(key ?? Key, $"{Name}:{version}", Sha256Digest.Of(manifestBytes), manifest.Digest);
        var blobs = new Dictionary<Sha256Digest, byte[]>();
        foreach (var blob in (byte[][])[manifestBytes, signature, .. chunks])
        {
            blobs[Sha256Digest.Of(blob)] = blob;
        }

        return new() { Manifest = manifest, Pointer = new(Name, version, Sha256Digest.Of(manifestBytes), Sha256Digest.Of(signature)), Blobs = blobs };
    }

    /// <summary>The window whose first channel is 1, 2, 3, 4.</summary>
    public static GoldenVector Golden(float gain, float mean) => new(
        Convert.ToBase64String(FloatBytes.Encode([1, 0, 2, 0, 3, 0, 4, 0])), new Dictionary<string, IReadOnlyList<float>> { ["rul"] = [gain * mean] });

    public async Task PublishAsync(FakeCloud cloud)
    {
        await cloud.PublishAsync(Topics.ModelSigningKey, Encoding.UTF8.GetBytes(PublicKey));
        foreach (var (digest, content) in Blobs)
        {
            await cloud.PublishAsync(Topics.Blob(digest), content);
        }
    }
}
