using MlOps.Edge.Agent.Models.Graph;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Agent.Models;

/// <summary>A manifest that may be believed, and all blobs that make the model.</summary>
internal sealed record ModelFiles(ModelManifest Manifest, IReadOnlyList<Sha256Digest> Blobs);

/// <summary>What ONNX Runtime may see.</summary>
internal sealed record VerifiedModel(ModelManifest Manifest, byte[] File, SketchSpec? Sketch, IReadOnlyList<Sha256Digest> Blobs);

/// <summary>Brings a model to the device and decides whether it may be loaded. Nothing here loads it.</summary>
internal sealed class ModelSource(BlobStore store, BlobFetcher fetcher, TrustedKeys keys, IReadOnlyList<IMachineFeed> feeds, AgentOptions options, TimeProvider clock)
{
    private readonly OperatorList _operators = new(options.Models.AllowedOperators);

    /// <summary>Fetches what is lacking: the manifest and its signature first, and no chunk before both are believed.</summary>
    /// <param name="progress">Blobs at hand, and of how many.</param>
    /// <exception cref="ModelRefusedException">It did not come, or is refused.</exception>
    public async Task<ModelFiles> DownloadAsync(ModelPointer pointer, LedgerState ledger, Action<int, int> progress, CancellationToken cancellationToken)
    {
        await FetchAsync([pointer.Manifest, pointer.Signature], (_, _) => { }, cancellationToken);
        await KeyAsync(cancellationToken);
        var manifest = Believe(pointer);
        Reject(ManifestCheck.Fits(manifest, feeds) ?? ManifestCheck.Fresh(manifest, pointer, ledger));
        var files = Files(pointer, manifest);
        await FetchAsync(files.Blobs, progress, cancellationToken);
        return files;
    }

    /// <summary>Checks everything again from disk: signature, digests, graph, sketch.</summary>
    /// <exception cref="ModelRefusedException">It is refused, or a blob has gone.</exception>
    public VerifiedModel Verify(ModelPointer pointer)
    {
        var manifest = Believe(pointer);
        Reject(ManifestCheck.Fits(manifest, feeds));
        var file = Assemble(manifest);
        Reject(manifest.Digest.Matches(file) ? null : "the chunks do not make the file that the manifest names");
        Reject(GraphCheck.Check(file, manifest, options.Models.Graph, _operators));
        return new(manifest, file, Sketch(manifest), Files(pointer, manifest).Blobs);
    }

    private ModelManifest Believe(ModelPointer pointer)
    {
        var manifestBytes = Read(pointer.Manifest);
        if (ManifestCheck.TryParse(manifestBytes, out var why) is not { } manifest)
        {
            throw ModelRefusedException.Rejected(why!);
        }

        Reject(keys.Lacking ?? ModelSigning.Verify(Read(pointer.Signature), keys.Keys, pointer.Manifest, manifest.Digest));
        Reject(ManifestCheck.Sense(manifest, pointer, options.Models, options.Inference.HistoryFrames, clock.GetUtcNow()));
        return manifest;
    }

    private static ModelFiles Files(ModelPointer pointer, ModelManifest manifest) => new(manifest,
        [.. new[] { pointer.Manifest, pointer.Signature }.Concat(manifest.Chunks).Concat(manifest.SketchSpec is { } sketch ? [sketch] : []).Distinct()]);

    private byte[] Assemble(ModelManifest manifest)
    {
        var file = new byte[manifest.Size];
        var at = 0;
        foreach (var digest in manifest.Chunks)
        {
            var chunk = Read(digest);
            if (chunk.Length != Math.Min(manifest.ChunkSize, file.Length - at))
            {
                throw ModelRefusedException.Rejected($"chunk {digest} has {chunk.Length} bytes, not {Math.Min(manifest.ChunkSize, file.Length - at)}");
            }

            chunk.CopyTo(file, at);
            at += chunk.Length;
        }

        return file;
    }

    private SketchSpec? Sketch(ModelManifest manifest)
    {
        if (manifest.SketchSpec is not { } digest)
        {
            return null;
        }

        try
        {
            var spec = SketchSpec.FromBytes(Read(digest));
            Reject(spec.Channels.Select(c => c.Name).SequenceEqual(manifest.Channels.Select(c => c.Name)) ? null : "its sketch specification is for other channels");
            Reject(spec.Block <= options.Inference.HistoryFrames ? null
                : $"its sketch's block of {spec.Block} frames is longer than this device's history of {options.Inference.HistoryFrames} (Inference:HistoryFrames)");
            return spec;
        }
        catch (FormatException e)
        {
            throw ModelRefusedException.Rejected(e.Message);
        }
    }

    private byte[] Read(Sha256Digest digest) => store.Read(digest) ?? throw ModelRefusedException.Failed($"blob {digest} is not at hand");

    private async Task FetchAsync(IReadOnlyList<Sha256Digest> blobs, Action<int, int> progress, CancellationToken cancellationToken)
    {
        if (await fetcher.FetchAsync(blobs, present => progress(present, blobs.Count), cancellationToken) is { } failure)
        {
            throw ModelRefusedException.Failed(failure);
        }
    }

    // The key is retained, but it may come after the assignment.
    private async Task KeyAsync(CancellationToken cancellationToken)
    {
        var changed = keys.Changed.Next;
        if (keys.Lacking is not null)
        {
            await Pulse.WaitAsync(changed, options.Models.BlobTimeout, clock, cancellationToken);
        }
    }

    private static void Reject(string? reason)
    {
        if (reason is not null)
        {
            throw ModelRefusedException.Rejected(reason);
        }
    }
}
