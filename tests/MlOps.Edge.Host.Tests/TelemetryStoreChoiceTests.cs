using Microsoft.Extensions.Configuration;

namespace MlOps.Edge.Host.Tests;

public sealed class TelemetryStoreChoiceTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("sqlite", "Host=h", null)]
    [InlineData("postgres", "Host=h", "Host=h")]
    [InlineData("Postgres", "Host=h", "Host=h")]
    public void Telemetry_is_in_the_file_unless_PostgreSQL_is_chosen(string? store, string? connectionString, string? expected) =>
        Assert.Equal(expected, TelemetryStoreChoice.Postgres(Settings(store, connectionString)));

    [Theory]
    [InlineData("postgress", "Host=h", "Telemetry:Store is 'postgress'; it must be sqlite or postgres.")]
    [InlineData("", "Host=h", "Telemetry:Store is ''; it must be sqlite or postgres.")]
    [InlineData("postgres", "", "Telemetry:Store is postgres, and Telemetry:Postgres:ConnectionString is missing (in the environment MLOPS_Telemetry__Postgres__ConnectionString).")]
    public void What_names_no_store_is_told_with_the_way_out(string? store, string? connectionString, string expected) =>
        Assert.Equal(expected, Assert.Throws<UserErrorException>(() => TelemetryStoreChoice.Postgres(Settings(store, connectionString))).Message);

    private static IConfiguration Settings(string? store, string? connectionString) => new ConfigurationBuilder()
        .AddInMemoryCollection([new("Telemetry:Store", store), new("Telemetry:Postgres:ConnectionString", connectionString)]).Build();
}
