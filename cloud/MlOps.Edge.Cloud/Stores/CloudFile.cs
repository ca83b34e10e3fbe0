using System.Globalization;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Telemetry.Sqlite;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>What tells a cloud's database from any other SQLite file.</summary>
internal static class CloudFile
{
    /// <summary>"MLOc", in the file's header: https://www.sqlite.org/fileformat2.html#application_id. Files of earlier programs have 0 there.</summary>
    public const int ApplicationId = 0x4D4C4F63;

    private const string Columns = """
        SELECT held.name || '.' || piece.name FROM sqlite_schema AS held JOIN pragma_table_info(held.name) AS piece
        WHERE held.type = 'table' AND held.name NOT GLOB 'sqlite_*'
        """;

    private static readonly string Marking = string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}");

    /// <summary>A connection of its own, without a pool that would keep the file open.</summary>
    public static SqliteSession Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            return new(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static bool IsMarked(SqliteSession session) => Number(session, "PRAGMA application_id") == ApplicationId;

    public static void Mark(SqliteSession session) => session.Execute(Marking);

    /// <summary>What keeps a file from being a cloud's, as the end of a sentence that begins with its name; null: it is one, an empty one, or a newer cloud's.</summary>
    public static string? Problem(SqliteSession session)
    {
        var (id, version) = (Number(session, "PRAGMA application_id"), Number(session, "PRAGMA user_version"));
        return (id, version) switch
        {
            (not (0 or ApplicationId), _) => string.Create(CultureInfo.InvariantCulture, $"is not a cloud's database (its application_id is {id})"),
            (ApplicationId, _) when version > SqliteSchema.Version => null,
            (_, 0) => session.First("SELECT COUNT(*) FROM sqlite_schema", row => row.GetInt32(0)) == 0 ? null : "is not a cloud's database (it has no schema version)",
            _ when version < 0 || version > SqliteSchema.Version => string.Create(CultureInfo.InvariantCulture, $"is not a cloud's database (schema {version} without a cloud's application_id)"),
            _ => Lacking(session, version) switch
            {
                [] => null,
                [var first, ..] when id == 0 => $"is not a cloud's database (it has no {first})",
                [var first, ..] => $"is a cloud's database, but not whole (it has no {first})",
            },
        };
    }

    /// <summary>Does to a file, before it takes a place, all that opening it would: checks it and brings it forward. It then stands alone, without a log.</summary>
    /// <exception cref="StoreException">It is no cloud's database, or a newer cloud's, or damaged.</exception>
    public static void Prepare(string path)
    {
        using var session = Connect(path, SqliteOpenMode.ReadWrite);
        session.Execute("PRAGMA synchronous = FULL");
        if (session.First("PRAGMA quick_check(1)", row => row.GetString(0)) is not "ok" and var found)
        {
            throw new StoreException($"The file '{path}' is damaged ({found}).");
        }

        SqliteSchema.Migrate(session, path);
        _ = new UnitLedger(session);
        session.Execute("PRAGMA journal_mode = DELETE");
    }

    private static List<string> Lacking(SqliteSession session, int version)
    {
        using var fresh = Connect(":memory:", SqliteOpenMode.Memory);
        SqliteSchema.Raise(fresh, 0, version);
        var held = session.Query(Columns, row => row.GetString(0));
        return [.. fresh.Query(Columns, row => row.GetString(0)).Except(held, StringComparer.OrdinalIgnoreCase)];
    }

    private static int Number(SqliteSession session, string pragma) => session.First(pragma, row => row.GetInt32(0));
}
