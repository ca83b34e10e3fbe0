using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Agent.Models;

/// <summary>Blobs on disk, each under its own hash: equal chunks of two versions are one file.</summary>
internal sealed class BlobStore
{
    private readonly string _folder;

    public BlobStore(string stateFolder)
    {
        _folder = Path.Combine(stateFolder, "blobs");
        Durable.CreateFolder(_folder);
    }

    public bool Has(Sha256Digest digest) => File.Exists(PathOf(digest));

    /// <summary>The blob, checked again against its name; null when it is not at hand or has rotted, and then it is gone.</summary>
    public byte[]? Read(Sha256Digest digest)
    {
        if (!Has(digest))
        {
            return null;
        }

        var content = File.ReadAllBytes(PathOf(digest));
        if (digest.Matches(content))
        {
            return content;
        }

        File.Delete(PathOf(digest));
        return null;
    }

    /// <returns>Whether the content is what its name says; nothing else is kept.</returns>
    public bool Write(Sha256Digest digest, ReadOnlySpan<byte> content)
    {
        if (!digest.Matches(content))
        {
            return false;
        }

        DurableFile.Write(PathOf(digest), content);
        return true;
    }

    /// <summary>Deletes every blob that is not named.</summary>
    public void Keep(IReadOnlySet<Sha256Digest> named)
    {
        foreach (var file in Directory.EnumerateFiles(_folder))
        {
            if (!Sha256Digest.TryParse(Path.GetFileName(file), null, out var digest) || !named.Contains(digest))
            {
                File.Delete(file);
            }
        }
    }

    private string PathOf(Sha256Digest digest) => Path.Combine(_folder, digest.ToString());
}
