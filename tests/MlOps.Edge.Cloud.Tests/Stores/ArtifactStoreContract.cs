using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>What an artifact store owes its callers.</summary>
public sealed class ArtifactStoreContract : IDisposable
{
    private readonly TemporaryStores _stores = new();

    [Fact]
    public async Task Bytes_come_back_by_their_own_digest_however_often_they_were_put()
    {
        byte[] content = [1, 2, 3];
        var digest = await _stores.Get<IArtifactStore>().PutAsync(content, TestContext.Current.CancellationToken);
        Assert.Equal(digest, await _stores.Get<IArtifactStore>().PutAsync(content, TestContext.Current.CancellationToken));
        _stores.Reopen();

        Assert.Equal(Sha256Digest.Of(content), digest);
        Assert.Equal(content, await _stores.Get<IArtifactStore>().GetAsync(digest, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_never_put_is_null() =>
        Assert.Null(await _stores.Get<IArtifactStore>().GetAsync(Sha256Digest.Of([9]), TestContext.Current.CancellationToken));

    public void Dispose() => _stores.Dispose();
}
