using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>The registered stores on a folder of their own, and where asked for on a PostgreSQL database of their own, which can be closed and opened again.</summary>
public sealed class TemporaryStores : IDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly PostgresTestDatabase? _database;
    private readonly bool _ours;
    private ServiceProvider _services;

    public TemporaryStores(StoreKind kind = StoreKind.Sqlite)
        : this(Directory.CreateTempSubdirectory("mlops-stores-"), kind == StoreKind.Postgres ? PostgresTestDatabase.Make() : null) => _ours = true;

    /// <param name="folder">Left as it is in the end.</param>
    public TemporaryStores(DirectoryInfo folder)
        : this(folder, database: null)
    {
    }

    private TemporaryStores(DirectoryInfo folder, PostgresTestDatabase? database)
    {
        (_folder, _database) = (folder, database);
        _services = Open();
    }

    public string Folder => _folder.FullName;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public void Reopen()
    {
        _services.Dispose();
        _services = Open();
    }

    public void Dispose()
    {
        _services.Dispose();
        _database?.Dispose();
        if (_ours)
        {
            _folder.Delete(recursive: true);
        }
    }

    private ServiceProvider Open()
    {
        var services = new ServiceCollection();
        if (_database is not null)
        {
            services.AddPostgresTelemetry(_database.ConnectionString);
        }

        return services.AddSqliteStores(Folder).BuildServiceProvider();
    }
}

/// <summary>Where telemetry is.</summary>
public enum StoreKind
{
    Sqlite,
    Postgres,
}
