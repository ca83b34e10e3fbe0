namespace MlOps.Edge.Cloud.Grains;

internal static class PersistentStateCommit
{
    /// <summary>Makes <paramref name="next"/> the state, on disk first of all: when the write fails, memory keeps what the disk has.</summary>
    public static async Task CommitAsync<T>(this IPersistentState<T> stored, T next)
    {
        var before = stored.State;
        stored.State = next;
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            stored.State = before;
            throw;
        }
    }
}
