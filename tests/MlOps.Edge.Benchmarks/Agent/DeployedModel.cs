using System.Text.Json;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>The model that a device runs, out of the blobs in its state folder.</summary>
/// <param name="Manifest">JSON.</param>
/// <param name="Onnx">The file that its chunks make.</param>
internal sealed record DeployedModel(byte[] Manifest, byte[] Onnx)
{
    /// <param name="state">The device's state folder.</param>
    /// <exception cref="BenchmarkException">The cloud desires none.</exception>
    public static async Task<DeployedModel> ReadAsync(CloudApi api, string device, string state, CancellationToken cancellationToken)
    {
        var known = await api.FindAsync($"devices/{device}", cancellationToken) ?? throw new BenchmarkException($"The cloud does not know {device}.");
        var digest = known.GetProperty("desired").GetProperty("active").GetProperty("manifest").GetString()!;
        var manifest = await BlobAsync(digest);
        var chunks = JsonElement.Parse(manifest).GetProperty("chunks").EnumerateArray().Select(chunk => BlobAsync(chunk.GetString()!));
        return new(manifest, [.. (await Task.WhenAll(chunks)).SelectMany(chunk => chunk)]);

        Task<byte[]> BlobAsync(string name) => File.ReadAllBytesAsync(Path.Combine(state, "blobs", name), cancellationToken);
    }
}
