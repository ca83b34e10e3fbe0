using Microsoft.Data.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>The store cannot do its work, and a person has to act: the message is one line that says what and how.</summary>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Another program holds it.</summary>
    public bool InUse { get; init; }

    /// <summary>A newer program wrote it.</summary>
    public bool Newer { get; init; }

    // Result codes: https://www.sqlite.org/rescode.html
    internal static StoreException From(SqliteException error, string path) => new(error.SqliteErrorCode switch
    {
        5 or 6 => $"The database '{path}' is locked by another program; stop that program, or choose another data folder.",
        8 => $"The database '{path}' is not writable; check the permissions of the file and its folder.",
        10 => $"Reading or writing the database '{path}' failed ({error.Message}); check the disk.",
        11 or 26 => $"The file '{path}' is damaged or is not a database; move it away or restore it from a backup.",
        13 => $"The disk of the database '{path}' is full; make room and start again.",
        14 => $"The database '{path}' cannot be opened; check that its folder exists and is writable.",
        _ => $"The database '{path}' failed: {error.Message}",
    }, error)
    {
        InUse = error.SqliteErrorCode is 5 or 6,
    };
}
