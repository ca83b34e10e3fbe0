using System.Text.Json;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Models;

/// <summary>Whether a manifest makes sense, is what was asked for, and is for this device. Each answer is null or a plain reason.</summary>
internal static class ManifestCheck
{
    private const int MostGolden = 1024;

    /// <param name="content">The manifest blob.</param>
    /// <param name="why">Why it cannot be read.</param>
    public static ModelManifest? TryParse(ReadOnlySpan<byte> content, out string? why)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(content, ContractsJson.Default.ModelManifest);
            why = manifest is null ? "the manifest is empty" : Nulls(manifest);
            return why is null ? manifest : null;
        }
        catch (JsonException e)
        {
            why = $"the manifest is not readable: {e.Message}";
            return null;
        }
    }

    /// <summary>The figures, by themselves and against what the device allows.</summary>
    public static string? Sense(ModelManifest manifest, ModelPointer pointer, ModelOptions options, int historyFrames, DateTimeOffset now)
    {
        var chunks = manifest.ChunkSize > 0 ? (manifest.Size + manifest.ChunkSize - 1) / manifest.ChunkSize : -1;
        var values = (long)manifest.Window * manifest.Channels.Count;
        return manifest.Format != 1 ? $"the manifest has format {manifest.Format}; this agent knows 1"
            : manifest.Model != pointer.Model || manifest.Version != pointer.Version ? $"the manifest is of {manifest.Model}:{manifest.Version}, not {pointer.Model}:{pointer.Version}"
            : manifest.Expires <= now ? $"it expired at {manifest.Expires:u}"
            : manifest.Size is < 1 || manifest.Size > options.MaxModelBytes ? $"the model has {manifest.Size} bytes; this device allows {options.MaxModelBytes}"
            : manifest.ChunkSize > options.MaxBlobBytes ? $"its chunks of {manifest.ChunkSize} bytes are larger than {options.MaxBlobBytes}"
            : manifest.Chunks.Count != chunks ? $"{manifest.Size} bytes in chunks of {manifest.ChunkSize} are {chunks} chunks, the manifest names {manifest.Chunks.Count}"
            : manifest.Window < 1 || manifest.Stride < 1 || manifest.Channels.Count < 1 ? "window, stride and channels must be at least 1"
            : manifest.Window > historyFrames ? $"a window of {manifest.Window} frames is longer than this device's history of {historyFrames} (Inference:HistoryFrames)"
            : manifest.Outputs.Count is < 1 or > 64 ? $"{manifest.Outputs.Count} outputs; 1 to 64 are allowed"
            : Shape(manifest)
            ?? Golden(manifest, values)
            ?? (manifest.Budget is not { LatencyMs: > 0, MemoryBytes: > 0 } ? "its budget of latency and memory must be above 0" : null);
    }

    /// <summary>Whether one of the device's machines can feed it.</summary>
    public static string? Fits(ModelManifest manifest, IReadOnlyList<IMachineFeed> feeds)
    {
        string? first = null;
        foreach (var feed in feeds)
        {
            if (ChannelBinding.TryBind(manifest, feed, out var mismatch) is not null)
            {
                return null;
            }

            first ??= mismatch;
        }

        return first ?? "this device watches no machine";
    }

    /// <summary>Whether the version is not older than what was active here, unless it was itself proved here.</summary>
    public static string? Fresh(ModelManifest manifest, ModelPointer pointer, LedgerState ledger) =>
        ledger.Counters.TryGetValue(manifest.Model, out var highest) && manifest.Counter < highest && !ledger.Known.Contains(pointer.Manifest)
            ? $"its counter {manifest.Counter} is lower than {highest}, which was active here, and it was never proved here itself"
            : null;

    private static string? Shape(ModelManifest manifest)
    {
        if (manifest.Input.Type != "float32" || !manifest.Input.Shape.SequenceEqual([-1, manifest.Window, manifest.Channels.Count]))
        {
            return $"its input must be float32 [-1, {manifest.Window}, {manifest.Channels.Count}], not {manifest.Input.Type} [{string.Join(", ", manifest.Input.Shape)}]";
        }

        var wrong = manifest.Outputs.FirstOrDefault(output => output.Type != "float32" || output.Shape is not [-1, >= 1 and <= 4096]);
        return wrong is null ? null : $"its output '{wrong.Name}' must be float32 [-1, n], not {wrong.Type} [{string.Join(", ", wrong.Shape)}]";
    }

    private static string? Golden(ModelManifest manifest, long values)
    {
        if (manifest.Golden.Count is < 1 or > MostGolden || !double.IsFinite(manifest.GoldenTolerance) || manifest.GoldenTolerance < 0)
        {
            return $"it needs 1 to {MostGolden} golden vectors and a tolerance of at least 0";
        }

        foreach (var golden in manifest.Golden)
        {
            var bytes = new byte[values * sizeof(float)];
            if (!Convert.TryFromBase64String(golden.Window, bytes, out var written) || written != bytes.Length)
            {
                return $"a golden window is not {values} float32 values in base64";
            }

            var lacking = manifest.Outputs.FirstOrDefault(output => !golden.Outputs.TryGetValue(output.Name, out var answer) || answer.Count != output.Shape[1]);
            if (lacking is not null)
            {
                return $"a golden vector does not answer for output '{lacking.Name}'";
            }
        }

        return null;
    }

    // The JSON reader takes an explicit null for a required reference.
    private static string? Nulls(ModelManifest m) =>
        m.Model is null || m.Chunks is null || m.MachineKind is null || m.Channels is null || m.Channels.Any(c => c?.Name is null || c.Unit is null)
        || m.Input is not { Name: not null, Type: not null, Shape: not null } || m.Outputs is null || m.Outputs.Any(o => o is not { Name: not null, Type: not null, Shape: not null })
        || m.Golden is null || m.Golden.Any(g => g is not { Window: not null, Outputs: not null } || g.Outputs.Values.Any(v => v is null))
        || m.Budget is null || m.Lineage is null || m.Metrics is null
            ? "the manifest lacks a required field"
            : null;
}
