using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>A backup that lies beside the database and takes its place when that is opened, if it can be opened itself.</summary>
internal static partial class StagedFile
{
    private static readonly string[] Logs = ["-wal", "-shm"];

    public static string Of(string database) => database + ".restore";

    /// <summary>Where what is there now will be kept.</summary>
    public static string Aside(string database) => Numbered(Replaced(database), Last(Replaced(database)) + 1);

    /// <summary>
    /// Puts it in place, if there is one. What a power cut leaves half done is done the rest of the way the next time. One that cannot be opened
    /// is kept under another name, and the database stays, or comes back.
    /// </summary>
    /// <exception cref="SqliteException">The disk or its permissions are in the way; nothing was moved.</exception>
    public static void Take(string database, ILogger? logger)
    {
        var staged = Of(database);
        if (!File.Exists(staged))
        {
            return;
        }

        try
        {
            CloudFile.Prepare(staged);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            Refuse(database, e, logger);
            return;
        }

        // Its logs after the database itself: where that is missing, what lies there belongs to the one that was moved last.
        var aside = Moved(database) ?? Aside(database);
        Move(database, aside, [""]);
        Move(database, aside, Logs);
        Move(staged, database, [""]);
    }

    private static void Refuse(string database, Exception why, ILogger? logger)
    {
        // An earlier start may have been cut off while it moved the database away. The backup stays until that is undone.
        if (Moved(database) is { } moved)
        {
            Move(moved, database, Logs);
            Move(moved, database, [""]);
        }

        var refused = $"{database}.refused-";
        var kept = Numbered(refused, Last(refused) + 1);
        Move(Of(database), kept, ["-journal", .. Logs, ""]);
        if (logger is not null)
        {
            LogRefused(logger, why.Message, Path.GetFileName(kept), Path.GetFileName(database));
        }
    }

    // Not a full disk and the like: these pass, and the backup is as good as before.
    private static bool IsOfTheFile(Exception e) =>
        e is not (IOException or UnauthorizedAccessException or OutOfMemoryException) && (e is not SqliteException sqlite || sqlite.SqliteErrorCode is not (5 or 6 or 7 or 8 or 10 or 13 or 14));

    private static void Move(string from, string to, IReadOnlyList<string> parts)
    {
        foreach (var part in parts.Where(part => File.Exists(from + part)))
        {
            File.Move(from + part, to + part);
        }

        Durable.SyncFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Where the database is, if a start was cut off after it had moved it away.</summary>
    private static string? Moved(string database) =>
        !File.Exists(database) && Numbered(Replaced(database), Last(Replaced(database))) is var last && File.Exists(last) ? last : null;

    private static string Replaced(string database) => $"{database}.replaced-";

    private static string Numbered(string prefix, int number) => FormattableString.Invariant($"{prefix}{number}");

    // A log that somebody left when deleting its database counts too: it must not come to lie beside another.
    private static int Last(string prefix) => Directory.GetFiles(Path.GetDirectoryName(prefix)!, Path.GetFileName(prefix) + "*")
        .Select(path => int.TryParse(path[prefix.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        .DefaultIfEmpty().Max();

    [LoggerMessage(LogLevel.Error, "The backup was not taken: {Reason} It is kept as '{Kept}', and the cloud goes on with '{Database}' as it was")]
    private static partial void LogRefused(ILogger logger, string reason, string kept, string database);
}
