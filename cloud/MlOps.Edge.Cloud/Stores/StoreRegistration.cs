using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Postgres;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Cloud.Telemetry.Sqlite;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace MlOps.Edge.Cloud.Stores;

public static class StoreRegistration
{
    /// <summary>Everything durable in one SQLite file under <paramref name="dataFolder"/>, grain state by default included.</summary>
    public static ISiloBuilder AddSqliteStores(this ISiloBuilder silo, string dataFolder)
    {
        silo.Services.AddSqliteStores(dataFolder);
        silo.Services.TryAddSingleton<OrleansGrainStorageSerializer>();
        silo.Services.AddGrainStorage("Default", (services, _) => ActivatorUtilities.CreateInstance<SqliteGrainStorage>(services));
        return silo;
    }

    /// <summary>Telemetry in PostgreSQL; everything else stays where it is. To be called before the stores are added.</summary>
    /// <param name="connectionString">As Npgsql takes it.</param>
    public static IServiceCollection AddPostgresTelemetry(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider =>
        {
            var database = PostgresDatabase.Open(connectionString);
            if (provider.GetService<SqliteDatabase>() is { } file)
            {
                TelemetryHome.Settle(file, database);
            }

            return database;
        });
        services.TryAddSingleton<PostgresTelemetryStore>();
        services.TryAddSingleton<ITelemetryStore>(provider => provider.GetRequiredService<PostgresTelemetryStore>());
        services.TryAddSingleton<ITelemetryHistory>(provider => provider.GetRequiredService<PostgresTelemetryStore>());
        services.TryAddSingleton<ISchemaBook>(provider => provider.GetRequiredService<PostgresTelemetryStore>());
        services.TryAddSingleton<IDeadLetters>(provider => new DeadLetters(provider.GetRequiredService<PostgresDatabase>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<PostgresTelemetryStore>().CreateUpkeep());
        services.AddSingleton<IStoreProbe, PostgresStoreProbe>();
        return services;
    }

    /// <summary>The stores without grain state, for a process that hosts no silo.</summary>
    /// <param name="readOnly">Only read, beside a cloud that may be running; writing throws.</param>
    public static IServiceCollection AddSqliteStores(this IServiceCollection services, string dataFolder, bool readOnly = false)
    {
        services.TryAddSingleton(provider => readOnly ? SqliteDatabase.OpenReadOnly(dataFolder) : SqliteDatabase.Open(dataFolder, provider.GetService<ILogger<SqliteDatabase>>()));
        services.TryAddSingleton<SqliteTelemetryStore>();
        services.TryAddSingleton<ITelemetryStore>(provider => provider.GetRequiredService<SqliteTelemetryStore>());
        services.TryAddSingleton<ITelemetryHistory>(provider => provider.GetRequiredService<SqliteTelemetryStore>());
        services.TryAddSingleton<ISchemaBook>(provider => provider.GetRequiredService<SqliteTelemetryStore>());
        services.TryAddSingleton<IDeadLetters>(provider => new DeadLetters(provider.GetRequiredService<SqliteDatabase>()));
        services.TryAddSingleton<IStoreBackup, SqliteBackup>();
        services.TryAddSingleton(provider => provider.GetRequiredService<SqliteTelemetryStore>().CreateUpkeep());
        services.TryAddSingleton<IMaintenanceLog, SqliteMaintenanceLog>();
        services.TryAddSingleton<IEventLog, SqliteEventLog>();
        services.TryAddSingleton<IArtifactStore, SqliteArtifactStore>();
        return services;
    }
}
