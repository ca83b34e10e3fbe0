using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Stores;

internal sealed class SqliteArtifactStore(SqliteDatabase database) : IArtifactStore
{
    public async Task<Sha256Digest> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = Sha256Digest.Of(content.Span);
        var name = digest.ToString();
        var bytes = content.ToArray();
        await database.WriteAsync(session => session.Execute("INSERT OR IGNORE INTO artifact (digest, content) VALUES ($1, $2)", name, bytes), cancellationToken);
        return digest;
    }

    public async Task<byte[]?> GetAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var name = digest.ToString();
        var content = await database.ReadAsync(
            session => session.First("SELECT content FROM artifact WHERE digest = $1", row => row.GetFieldValue<byte[]>(0), name), cancellationToken);
        return content is null || digest.Matches(content)
            ? content
            : throw new StoreException($"The stored artifact {name} is damaged: its bytes have another hash. Restore the database from a backup.");
    }
}
