using System.Collections.Concurrent;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Registry;

/// <summary>Artifacts that are gone with the test.</summary>
internal sealed class InMemoryArtifacts : IArtifactStore
{
    private readonly ConcurrentDictionary<Sha256Digest, byte[]> _blobs = new();

    public Task<Sha256Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = Sha256Digest.Of(content.Span);
        _blobs.TryAdd(digest, content.ToArray());
        return Task.FromResult(digest);
    }

    public Task<byte[]?> GetAsync(Sha256Digest digest, CancellationToken cancellationToken) => Task.FromResult(_blobs.GetValueOrDefault(digest));

    public byte[] this[string digest] => _blobs[Sha256Digest.Parse(digest)];
}
