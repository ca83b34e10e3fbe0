using Microsoft.Data.Sqlite;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>Looks into an agent's outbox from outside, whether the agent runs or not: what it has committed, and what still waits.</summary>
internal static class OutboxOf
{
    /// <summary>The streams that the outbox has, as 32 hexadecimal digits, with the sequence of the next batch of each. The agent has made its tables.</summary>
    /// <param name="state">The agent's state folder.</param>
    public static IReadOnlyList<(string Epoch, long Next)> Streams(string state)
    {
        using var connection = Open(Path.Combine(state, "outbox.db"));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT epoch, next FROM stream";
        using var row = command.ExecuteReader();
        var streams = new List<(string, long)>();
        while (row.Read())
        {
            streams.Add((Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), row.GetInt64(1)));
        }

        return streams;
    }

    /// <param name="state">The agent's state folder.</param>
    /// <returns>The last committed frame of an asset, null or age -1 before the first; and how many batches wait for the cloud.</returns>
    public static (UnitRef Unit, long Age, long Pending)? Look(string state, AssetId asset)
    {
        var file = Path.Combine(state, "outbox.db");
        if (!File.Exists(file))
        {
            return null;
        }

        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT installation, age, (SELECT count(*) FROM batch) FROM asset WHERE id = $id";
        command.Parameters.AddWithValue("$id", asset.ToString());
        try
        {
            using var row = command.ExecuteReader();
            return row.Read() ? (new(asset, row.GetInt32(0)), row.GetInt64(1), row.GetInt64(2)) : null;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 1 or 5) // the agent is only making its tables, or recovering its journal
        {
            return null;
        }
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        connection.Open();
        return connection;
    }
}
