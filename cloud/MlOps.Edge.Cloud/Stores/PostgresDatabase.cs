using System.Data;
using MlOps.Edge.Cloud.Telemetry.Postgres;
using Npgsql;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// The PostgreSQL database that telemetry is in. Any number of readers beside one transaction that writes: each takes the row of totals first, and
/// holds it until it is committed, so that whatever clouds write here do so one after the other.
/// </summary>
internal sealed class PostgresDatabase : ISqlDatabase, IDisposable
{
    private const int Readers = 8;
    private const int Statements = 100;
    private const int OldestServer = 15;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _readers = new(Readers);
    private int _losses;

    private PostgresDatabase(NpgsqlDataSource source, string place) => (_source, Place) = (source, place);

    /// <summary>Host, port and database, as a person is told.</summary>
    public string Place { get; }

    /// <summary>Counts what broke a connection: since then the server may be another, or hold older data.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>Connects, checks that what the server acknowledges is on disk, and makes or brings forward the tables.</summary>
    /// <exception cref="StoreException">It cannot be; the message says why and what to do.</exception>
    public static PostgresDatabase Open(string connectionString)
    {
        var settings = Parse(connectionString);
        var database = new PostgresDatabase(NpgsqlDataSource.Create(settings), $"{settings.Host}:{settings.Port}/{settings.Database}");
        try
        {
            database.Try(() =>
            {
                using var connection = database._source.OpenConnection();
                database.Check(connection);
                PostgresSchema.Migrate(connection, database.Place);
                return 0;
            });
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public Task<T> WriteAsync<T>(Func<SqlSession, T> work, Action<T>? committed, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            var result = Transact((session, _) => work(session));
            committed?.Invoke(result);
            return result;
        },
        cancellationToken);

    /// <summary>One transaction of the only writer there is at a time. When it returns, the server has it on disk.</summary>
    /// <param name="work">Is given the position that was given last.</param>
    /// <exception cref="StoreException">It is not known to be committed.</exception>
    public T Transact<T>(Func<PostgresSession, long, T> work) => Transact(session => work(session, PostgresSchema.Lock(session)));

    /// <summary>The same, by work that takes the turn itself (<see cref="PostgresSchema.Lock"/>) before it asks for anything that others may change.</summary>
    /// <exception cref="StoreException">It is not known to be committed.</exception>
    public T Transact<T>(Func<PostgresSession, T> work) => Try(() =>
    {
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        var session = new PostgresSession(connection);
        var result = work(session);
        session.Flush();
        transaction.Commit();
        return result;
    });

    public T ReadNow<T>(Func<SqlSession, T> work)
    {
        _readers.Wait();
        try
        {
            return Read(work);
        }
        finally
        {
            _readers.Release();
        }
    }

    public async Task<T> ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(work), cancellationToken);
        }
        finally
        {
            _readers.Release();
        }
    }

    /// <summary>A lock among all clouds on the database.</summary>
    /// <param name="table">It is named after.</param>
    /// <returns>Null: another has it.</returns>
    public Task<PostgresLock?> TryLockAsync(string table, CancellationToken cancellationToken) => Task.Run(() => Try(() => PostgresLock.TryTake(_source, table)), cancellationToken);

    public void Dispose()
    {
        _source.Dispose();
        _readers.Dispose();
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { PersistSecurityInfo = false, IncludeErrorDetail = false };
            settings.MaxAutoPrepare = settings.MaxAutoPrepare == 0 ? Statements : settings.MaxAutoPrepare;

            // Nothing is set for longer than a transaction, and what PostgresLock takes it gives back: seven statements less before each transaction.
            settings.NoResetOnClose = true;
            settings.ApplicationName ??= "mlops-edge-cloud";
            return string.IsNullOrEmpty(settings.Host) || string.IsNullOrEmpty(settings.Database) ? throw new ArgumentException("no host or database") : settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The library's message may hold a piece of the text, and the text a password.
            throw new StoreException($"{PostgresErrors.Setting} is no connection string of Npgsql with a host and a database, like 'Host=db.example;Port=5432;Database=mlops;Username=mlops;Password=…'.");
        }
    }

    private void Check(NpgsqlConnection connection)
    {
        var session = new PostgresSession(connection);
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StoreException($"PostgreSQL at {Place} is version {connection.PostgreSqlVersion}; telemetry needs {OldestServer} or newer.");
        }

        if (session.First("SHOW fsync", row => row.GetString(0)) == "off")
        {
            throw new StoreException($"PostgreSQL at {Place} runs with fsync = off: a power cut would take what devices were told is stored. Set fsync = on.");
        }

        if (session.First("SHOW server_encoding", row => row.GetString(0)) is var encoding && encoding is not ("UTF8" or "SQL_ASCII"))
        {
            throw new StoreException($"The database of PostgreSQL at {Place} has the encoding {encoding}; make one with UTF8 (createdb -E UTF8 -T template0).");
        }
    }

    private T Read<T>(Func<SqlSession, T> work) => Try(() =>
    {
        using var connection = _source.OpenConnection();
        var session = new PostgresSession(connection);
        var result = work(session);
        session.Flush();
        return result;
    });

    private T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (PostgresErrors.IsOf(e))
        {
            if (PostgresErrors.IsLost(e))
            {
                // The connections that lie in the pool are most likely no better.
                Interlocked.Increment(ref _losses);
                _source.Clear();
            }

            throw PostgresErrors.Explain(e, Place);
        }
    }
}
