using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Postgres;
using MlOps.Edge.Cloud.Tests.Stores;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Postgres;

/// <summary>A data folder and the database of its telemetry belong together.</summary>
[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class TelemetryHomeTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly PostgresTestDatabase _first = PostgresTestDatabase.Make();
    private readonly PostgresTestDatabase _second = PostgresTestDatabase.Make();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-home-");

    [Fact]
    public async Task A_folder_whose_telemetry_is_in_PostgreSQL_does_not_begin_anew_in_its_file()
    {
        await AppendAsync(_first, 1);
        var refused = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(null, 2));
        Assert.Contains("is in PostgreSQL; set Telemetry:Store to postgres", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_has_telemetry_in_its_file_is_not_split()
    {
        await AppendAsync(null, 1);
        var refused = await Assert.ThrowsAsync<StoreException>(() => AppendAsync(_first, 2));
        Assert.Contains("set Telemetry:Store to sqlite", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, await AppendAsync(null, 2));
    }

    [Fact]
    public async Task In_another_database_positions_go_on_beyond_the_folders_bookmarks()
    {
        Assert.Equal(1, await AppendAsync(_first, 1));
        Assert.Equal(PostgresSchema.Stride + 1, await AppendAsync(_second, 1));
        Assert.Equal(PostgresSchema.Stride + 2, await AppendAsync(_second, 2));
        Assert.Equal(2 * PostgresSchema.Stride + 1, await AppendAsync(_first, 2));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <returns>The head afterwards.</returns>
    private async Task<long> AppendAsync(PostgresTestDatabase? database, ulong sequence)
    {
        var services = new ServiceCollection();
        if (database is not null)
        {
            services.AddPostgresTelemetry(database.ConnectionString);
        }

        await using var cloud = services.AddSqliteStores(_folder.FullName).BuildServiceProvider();
        var store = cloud.GetRequiredService<ITelemetryStore>();
        await store.AppendAsync(TelemetryStoreContract.Record(sequence, 1), Never);
        return await store.GetHeadAsync(Never);
    }
}
