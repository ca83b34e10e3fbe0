using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Cloud.Stores;

/// <summary>
/// The one file that the embedded cloud keeps, <c>cloud.db</c>: any number of readers beside one writer with group commit.
/// A write is on disk (WAL, <c>synchronous=FULL</c>) when its task completes.
/// </summary>
internal sealed class SqliteDatabase : ISqlDatabase, IDisposable
{
    public const string FileName = "cloud.db";

    /// <summary>Beside the file, and open without sharing for as long as a cloud owns it.</summary>
    public const string LockName = FileName + ".lock";

    private const int Readers = 4;

    // The pages of an index are written again with every transaction: into the file they go from a log of up to 32 MiB, and are read again from a cache of 64.
    private const string Writing = """
        PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -65536
        """;

    private readonly string _path;
    private readonly bool _readOnly;
    private readonly FileStream? _ownership;
    private readonly SemaphoreSlim _readers = new(Readers);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private GroupCommit? _writer;

    private SqliteDatabase(string path, bool readOnly, FileStream? ownership) => (_path, _readOnly, _ownership) = (path, readOnly, ownership);

    public bool IsReadOnly => _readOnly;

    public string Path => _path;

    /// <summary>Opens the file in a folder, making both where they are missing, and owns it until disposed.</summary>
    /// <param name="logger">Hears of a backup that was to be restored and could not be.</param>
    /// <exception cref="StoreException">It cannot be opened; the message says why and what to do.</exception>
    public static SqliteDatabase Open(string folder, ILogger? logger = null)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), FileName);
        var database = new SqliteDatabase(path, readOnly: false, Own(path));
        try
        {
            PassingFile.Sweep(System.IO.Path.GetDirectoryName(path)!);
            StagedFile.Take(path, logger);
            Durable.SyncLog(path);
            var session = database.Connect(SqliteOpenMode.ReadWriteCreate, Writing);
            SqliteSchema.Migrate(session, path);
            MakeVacuumable(session);
            database._writer = GroupCommit.Start(session, path);
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            throw e is SqliteException sqlite ? StoreException.From(sqlite, path) : e;
        }
    }

    /// <summary>Opens an existing file to read only, beside a cloud that may be running on it.</summary>
    /// <exception cref="StoreException">It cannot be opened; the message says why and what to do.</exception>
    public static SqliteDatabase OpenReadOnly(string folder)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), FileName);
        if (!File.Exists(path))
        {
            throw new StoreException($"There is no '{FileName}' in '{System.IO.Path.GetFullPath(folder)}'; name the folder that a cloud has written.");
        }

        var database = new SqliteDatabase(path, readOnly: true, ownership: null);
        try
        {
            var session = database.ConnectReader();
            SqliteSchema.Require(session, path);
            database._idle.Add(session);
            return database;
        }
        catch (Exception e)
        {
            database.Dispose();
            throw e is SqliteException sqlite ? StoreException.From(sqlite, path) : e;
        }
    }

    /// <summary>Does a piece of work within a transaction that it may share with others; completes when that is on disk.</summary>
    /// <param name="work">May be called again if it shared a transaction with work that failed; an exception undoes only its own changes.</param>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken) => WriteAsync(work, committed: null, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}(Func{SqliteSession, T}, CancellationToken)"/>
    /// <param name="committed">Called when it is on disk, before the task completes, and before anything that is written later is called so.</param>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, Action<T>? committed, CancellationToken cancellationToken) =>
        _writer is { } writer ? writer.RunAsync(work, committed, cancellationToken) : throw new InvalidOperationException("The database was opened to read only.");

    /// <summary>Reads what is committed, on the caller's thread: for what takes microseconds.</summary>
    public T ReadNow<T>(Func<SqliteSession, T> work)
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

    /// <summary>Reads what is committed, on a connection of its own.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
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

    public void Dispose()
    {
        _writer?.Dispose();
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }

        _readers.Dispose();
        _ownership?.Dispose();
    }

    Task<T> ISqlDatabase.WriteAsync<T>(Func<SqlSession, T> work, Action<T>? committed, CancellationToken cancellationToken) => WriteAsync(work, committed, cancellationToken);

    T ISqlDatabase.ReadNow<T>(Func<SqlSession, T> work) => ReadNow(work);

    Task<T> ISqlDatabase.ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken) => ReadAsync(work, cancellationToken);

    private T Read<T>(Func<SqliteSession, T> work)
    {
        try
        {
            var session = _idle.TryTake(out var idle) ? idle : ConnectReader();
            try
            {
                return work(session);
            }
            finally
            {
                _idle.Add(session);
            }
        }
        catch (SqliteException e)
        {
            throw StoreException.From(e, _path);
        }
    }

    private SqliteSession ConnectReader() => Connect(_readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite, "PRAGMA query_only = ON");

    private SqliteSession Connect(SqliteOpenMode mode, string pragmas)
    {
        // Sessions are pooled here, with their prepared statements; a pool below would keep the file open after Dispose.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _path, Mode = mode, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        var session = new SqliteSession(connection);
        try
        {
            connection.Open();
            session.Execute(pragmas);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // A file of the first version keeps the pages that it has once used; it is written anew, once.
    private static void MakeVacuumable(SqliteSession session)
    {
        if (session.First("PRAGMA auto_vacuum", row => row.GetInt32(0)) == 0)
        {
            session.Execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
        }
    }

    // SQLite would let two clouds share the file, and each would believe that it alone holds the grains.
    private static FileStream Own(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var held = System.IO.Path.Combine(folder, LockName);
        try
        {
            Durable.CreateFolder(folder);
            return new FileStream(held, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StoreException($"The data folder '{folder}' is not writable; check its permissions, or choose another.", e);
        }
        catch (IOException e) when (File.Exists(held))
        {
            throw new StoreException($"The database '{path}' is in use by another cloud; stop that one, or choose another data folder.", e) { InUse = true };
        }
        catch (IOException e)
        {
            throw new StoreException($"The data folder '{folder}' cannot be used: {e.Message}", e);
        }
    }
}
