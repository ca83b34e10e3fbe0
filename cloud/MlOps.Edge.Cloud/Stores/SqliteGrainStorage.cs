using Orleans.Storage;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// Grain state in <c>cloud.db</c>, fenced by a version per grain: two activations that believe in the same grain
/// cannot both write. Bytes are Orleans' version-tolerant encoding of the state's <c>[Id]</c> members.
/// </summary>
internal sealed class SqliteGrainStorage(SqliteDatabase database, OrleansGrainStorageSerializer serializer) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var id = grainId.ToString();
        var row = await database.ReadAsync(
            session => session.First(
                "SELECT version, state FROM grain_state WHERE kind = $1 AND id = $2",
                r => new Row(r.GetInt64(0), r.IsDBNull(1) ? null : r.GetFieldValue<byte[]>(1)),
                stateName, id),
            CancellationToken.None);

        grainState.ETag = row is null ? null! : Format(row.Version);
        grainState.RecordExists = row?.State is not null;
        grainState.State = row?.State is { } bytes ? serializer.Deserialize<T>(bytes) : Activator.CreateInstance<T>();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var bytes = serializer.Serialize(grainState.State).ToArray();
        grainState.ETag = Format(await PutAsync(stateName, grainId, grainState.ETag, bytes));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // The version stays behind, so that a writer from before the clearing is still fenced off.
        grainState.ETag = Format(await PutAsync(stateName, grainId, grainState.ETag, state: null));
        grainState.RecordExists = false;
        grainState.State = Activator.CreateInstance<T>();
    }

    private async Task<long> PutAsync(string kind, GrainId grainId, string? etag, byte[]? state)
    {
        var id = grainId.ToString();
        var expected = etag is null ? 0 : long.Parse(etag, System.Globalization.CultureInfo.InvariantCulture);
        var written = await database.WriteAsync(
            session => expected == 0
                ? session.Execute("INSERT OR IGNORE INTO grain_state (kind, id, version, state) VALUES ($1, $2, 1, $3)", kind, id, state)
                : session.Execute("UPDATE grain_state SET version = version + 1, state = $3 WHERE kind = $1 AND id = $2 AND version = $4", kind, id, state, expected),
            CancellationToken.None);

        return written == 1
            ? expected + 1
            : throw new InconsistentStateException($"The state '{kind}' of grain {id} was written by someone else since it was read (expected version {expected}).");
    }

    private static string Format(long version) => version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Row(long Version, byte[]? State);
}
