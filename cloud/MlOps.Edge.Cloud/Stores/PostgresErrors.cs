using System.Net.Sockets;
using Npgsql;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>What PostgreSQL and the way to it say, as one line that says what to do. A password is never part of it.</summary>
internal static class PostgresErrors
{
    public const string Setting = "Telemetry:Postgres:ConnectionString";

    /// <summary>Whether it comes from the server or the way to it.</summary>
    public static bool IsOf(Exception error) => error is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <summary>The connection or the server is at fault, and not what was asked of it: others will fare no better.</summary>
    public static bool IsLost(Exception error) => error is not PostgresException server || server.SqlState[..2] is "08" or "53" or "57" or "58" or "28" or "3D";

    /// <param name="place">Host, port and database.</param>
    public static StoreException Explain(Exception error, string place) => new(error switch
    {
        // Error codes: https://www.postgresql.org/docs/15/errcodes-appendix.html
        PostgresException { SqlState: "28P01" or "28000" } e => $"PostgreSQL at {place} refuses the user: {e.MessageText}. Check Username and Password in {Setting}, and the server's pg_hba.conf.",
        PostgresException { SqlState: "3D000" } => $"There is no database '{place[(place.LastIndexOf('/') + 1)..]}' in PostgreSQL at {place}; make it (createdb), or name another in {Setting}.",
        PostgresException { SqlState: "42501" } e => $"PostgreSQL at {place} does not let this user do it: {e.MessageText}. The user must own the telemetry tables and may need CREATE on the schema.",
        PostgresException { SqlState: "25006" } => $"PostgreSQL at {place} can only be read; name the primary server in {Setting}.",
        PostgresException { SqlState: "53100" } => $"The disk of PostgreSQL at {place} is full; make room there.",
        PostgresException { SqlState: "53300" } => $"PostgreSQL at {place} has no connection left; raise its max_connections, or stop what holds them.",
        PostgresException { SqlState: "57P01" or "57P02" or "57P03" } e => $"PostgreSQL at {place} is starting or stopping ({e.MessageText}).",
        PostgresException e => $"PostgreSQL at {place} failed: {e.MessageText} ({e.SqlState}).",
        { InnerException: SocketException socket } => $"PostgreSQL at {place} cannot be reached ({socket.Message}); start it, or check Host and Port in {Setting}.",
        { InnerException: TimeoutException } or TimeoutException => $"PostgreSQL at {place} does not answer in time.",
        _ => $"The connection to PostgreSQL at {place} failed: {error.Message}",
    }, error);
}
