using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>The outbox's SQLite file: how it is opened, and what happens when it is broken.</summary>
internal static partial class OutboxFile
{
    public const string Name = "outbox.db";

    /// <summary>Beside it while a damaged file is replaced: what takes its place.</summary>
    public const string Successor = Name + ".new";

    private static readonly string[] Beside = ["-wal", "-shm"];

    /// <summary>Opens the file; a damaged one is set aside under another name, kept for whoever wants to look.</summary>
    /// <returns>The connection, and what to report when the file was damaged.</returns>
    /// <exception cref="AgentFailureException">The folder cannot be written.</exception>
    public static (SqliteConnection Connection, string? Fault) Open(string folder, ILogger logger)
    {
        var path = Path.Combine(folder, Name);
        try
        {
            if (Succeed(folder))
            {
                return (OpenSound(path), "the outbox was damaged and set aside; what it held is not sent");
            }

            Durable.SyncLog(path);
            return (OpenSound(path), null);
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return Renew(folder, e, logger);
        }
        catch (SqliteException e)
        {
            throw new AgentFailureException($"The outbox '{path}' cannot be opened: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentFailureException($"The outbox '{path}' cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>SQLITE_CORRUPT, SQLITE_NOTADB.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is 11 or 26;

    /// <summary>
    /// Sets a damaged file aside, which nobody has open, and puts another with what can be salvaged of it in its place. Whoever is killed within this
    /// finds either the damaged file as it was, or the other whole: a file that had forgotten where the machines were would give frames the age of others.
    /// </summary>
    public static (SqliteConnection Connection, string? Fault) Renew(string folder, SqliteException damage, ILogger logger)
    {
        var (path, successor) = (Path.Combine(folder, Name), Path.Combine(folder, Successor));
        foreach (var left in (string[])[successor, .. Beside.Select(suffix => successor + suffix)])
        {
            File.Delete(left);
        }

        // Closed, it is one file without a log.
        using (var made = OpenSound(successor))
        {
            Salvage.Take(path, made);
        }

        Durable.SyncFolder(folder);
        var aside = SetAside(path);
        LogCorrupt(logger, path, damage.Message, aside);
        Succeed(folder);
        return (OpenSound(path), $"the outbox was damaged ({damage.Message}) and set aside as {Path.GetFileName(aside)}; what it held is not sent");
    }

    /// <summary>Puts the successor of a file that was set aside in its place.</summary>
    /// <returns>Whether there was one to be put there.</returns>
    private static bool Succeed(string folder)
    {
        var (path, successor) = (Path.Combine(folder, Name), Path.Combine(folder, Successor));
        if (File.Exists(path) || !File.Exists(successor))
        {
            return false;
        }

        // A log that still stands there is the damaged file's.
        foreach (var suffix in Beside)
        {
            File.Delete(path + suffix);
        }

        File.Move(successor, path);
        Durable.SyncFolder(folder);
        return true;
    }

    private static SqliteConnection OpenSound(string path)
    {
        // Unpooled: closing must really close, so that a damaged file can be moved.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;");
            using (var check = connection.CreateCommand())
            {
                check.CommandText = "PRAGMA quick_check(1)";
                if (check.ExecuteScalar() is not "ok" and var found)
                {
                    throw new SqliteException($"quick_check: {found}", 11);
                }
            }

            OutboxSchema.Apply(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string SetAside(string path)
    {
        var number = 1;
        while (File.Exists($"{path}.damaged-{number}"))
        {
            number++;
        }

        var aside = $"{path}.damaged-{number}";
        File.Move(path, aside);
        foreach (var suffix in Beside)
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }

        return aside;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [LoggerMessage(LogLevel.Error, "The outbox {Path} is damaged ({Reason}); it is set aside as {Aside} and a new stream begins")]
    private static partial void LogCorrupt(ILogger logger, string path, string reason, string aside);
}
