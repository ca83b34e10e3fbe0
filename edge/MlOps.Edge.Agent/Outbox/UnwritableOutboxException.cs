using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The storage takes nothing now: it is full, or fails. It may again later; what was to be written is not, and nothing else was lost.</summary>
internal sealed class UnwritableOutboxException(SqliteException cause) : Exception($"the outbox cannot be written ({cause.Message}); what comes waits in memory", cause)
{
    /// <summary>SQLITE_IOERR, SQLITE_FULL; and SQLITE_READONLY, what a file system becomes that has failed.</summary>
    public static bool Is(SqliteException e) => e.SqliteErrorCode is 8 or 10 or 13;
}
