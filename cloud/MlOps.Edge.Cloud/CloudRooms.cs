using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift.Grains;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Queries;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Cloud.Training.Runs;

namespace MlOps.Edge.Cloud;

/// <summary>The rooms of the house, all of them, over one SQLite file; telemetry in it or in PostgreSQL.</summary>
public static class CloudRooms
{
    /// <param name="dataFolder">Holds <c>cloud.db</c>.</param>
    /// <param name="virtualTime">Time moves only through <see cref="IHeartbeat"/>; no clock does it.</param>
    /// <param name="postgresTelemetry">Where telemetry is, as Npgsql takes it; null: in <c>cloud.db</c> too.</param>
    public static ISiloBuilder AddMlOpsRooms(this ISiloBuilder silo, string dataFolder, bool virtualTime, string? postgresTelemetry = null)
    {
        if (postgresTelemetry is not null)
        {
            silo.Services.AddPostgresTelemetry(postgresTelemetry);
        }

        silo.AddSqliteStores(dataFolder);
        silo.Services.AddDeviceRooms().AddTelemetryQueries().AddRegistry().AddTrainingRuns().AddDriftRoom().AddRollouts().AddLifecycle().AddTelemetryUpkeep();
        if (!virtualTime)
        {
            silo.Services.AddRealTimeHeartbeat();
        }

        return silo;
    }
}
