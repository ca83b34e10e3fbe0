namespace MlOps.Edge.Host;

/// <summary>Where telemetry is kept, as configured.</summary>
internal static class TelemetryStoreChoice
{
    private const string Store = "Telemetry:Store";
    private const string ConnectionString = "Telemetry:Postgres:ConnectionString";

    /// <returns>The connection string of the PostgreSQL database; null: it is in <c>cloud.db</c> like everything else.</returns>
    /// <exception cref="UserErrorException">The settings name no store.</exception>
    public static string? Postgres(IConfiguration configuration) => configuration[Store] switch
    {
        null => null,
        var name when name.Equals("sqlite", StringComparison.OrdinalIgnoreCase) => null,
        var name when !name.Equals("postgres", StringComparison.OrdinalIgnoreCase) =>
            throw new UserErrorException($"{Store} is '{name}'; it must be sqlite or postgres.", ExitCodes.Usage),
        _ when string.IsNullOrWhiteSpace(configuration[ConnectionString]) =>
            throw new UserErrorException($"{Store} is postgres, and {ConnectionString} is missing (in the environment MLOPS_Telemetry__Postgres__ConnectionString).", ExitCodes.Usage),
        _ => configuration[ConnectionString],
    };
}
