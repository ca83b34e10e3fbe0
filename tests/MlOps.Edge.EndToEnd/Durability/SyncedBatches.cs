using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>From when on each batch was on the disk: written to a file of a folder by a call that ended before a sync of that file began, and that sync ended.</summary>
internal sealed class SyncedBatches
{
    private static readonly string[] Writing = ["pwrite64", "pwritev", "pwritev2"];
    private static readonly string[] Syncing = ["fsync", "fdatasync"];
    private readonly Dictionary<BatchName, long> _since = [];

    public SyncedBatches(Recording recording, string folder)
    {
        var inside = folder + Path.DirectorySeparatorChar;
        foreach (var file in recording.Calls.Where(call => call.File.StartsWith(inside, StringComparison.Ordinal)).GroupBy(call => call.File))
        {
            Add(file);
        }
    }

    /// <summary>How many were written and synced.</summary>
    public int Count => _since.Count;

    /// <summary>The moment at which the sync ended; null: there was none.</summary>
    public long? Since(BatchName batch) => _since.TryGetValue(batch, out var since) ? since : null;

    private void Add(IEnumerable<TracedCall> file)
    {
        var waiting = new List<(BatchName Batch, long Written)>();
        foreach (var call in file)
        {
            if (Writing.Contains(call.Name))
            {
                waiting.AddRange(BatchName.In(call.Data).Select(batch => (batch, call.Ended)));
            }
            else if (Syncing.Contains(call.Name) && call.Ended != TracedCall.Never)
            {
                foreach (var (batch, _) in waiting.Where(write => write.Written < call.Begun))
                {
                    _since[batch] = Math.Min(call.Ended, _since.GetValueOrDefault(batch, TracedCall.Never));
                }

                waiting.RemoveAll(write => write.Written < call.Begun);
            }
        }
    }
}
