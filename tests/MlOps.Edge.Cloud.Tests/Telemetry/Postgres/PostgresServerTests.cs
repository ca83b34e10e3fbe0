using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Postgres;
using MlOps.Edge.Cloud.Tests.Stores;
using Npgsql;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Postgres;

/// <summary>A server that is not there, not the right one, goes away, or comes back with an older state.</summary>
[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresServerTests : IDisposable
{
    private const string Secret = "a-secret-nobody-sees";

    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly PostgresTestDatabase _database = PostgresTestDatabase.Make(whole: true);
    private PostgresTelemetryStore? _store;
    private PostgresDatabase? _open;

    [Theory]
    [InlineData("not a connection string Password=a-secret-nobody-sees", "is no connection string")]
    [InlineData("Host=127.0.0.1;Prot=5432;Database=x;Password=a-secret-nobody-sees", "is no connection string")]
    [InlineData("Host=127.0.0.1;Port=many;Database=x;Password=a-secret-nobody-sees", "is no connection string")]
    [InlineData("Host=127.0.0.1;Password=a-secret-nobody-sees", "is no connection string")]
    [InlineData("Host=127.0.0.1;Port=1;Database=x;Username=u;Password=a-secret-nobody-sees", "PostgreSQL at 127.0.0.1:1/x cannot be reached")]
    public void What_is_no_way_to_a_server_is_told_in_one_line_without_the_password(string connectionString, string expected) => Refused(connectionString, expected);

    [Fact]
    public void A_wrong_password_and_a_database_that_is_missing_are_told()
    {
        Refused(With(s => s.Password = Secret), "refuses the user");
        Refused(With(s => s.Database = "nobodys"), "There is no database 'nobodys'");
    }

    [Fact]
    public void Tables_of_a_newer_program_are_refused_and_left_alone()
    {
        Open();
        _database.Execute($"UPDATE telemetry_version SET version = {PostgresSchema.Version + 1}");
        Refused(_database.ConnectionString, $"have schema {PostgresSchema.Version + 1}, written by a newer program");
    }

    [Fact]
    public async Task A_commit_waits_for_the_disk_whatever_the_server_is_set_to()
    {
        _database.Administer($"ALTER DATABASE {_database.Name} SET synchronous_commit = off");
        Open();
        Assert.Equal("off", await _open!.ReadAsync(session => session.First("SHOW synchronous_commit", row => row.GetString(0)), Never));
        Assert.Equal("on", await _open.WriteAsync(session => session.First("SHOW synchronous_commit", row => row.GetString(0)), committed: null, Never));
    }

    [Fact]
    public async Task While_the_server_is_away_nothing_is_acknowledged_and_then_all_goes_on()
    {
        var store = Open();
        await store.AppendAsync(TelemetryStoreContract.Record(1, 1), Never);
        _database.Administer($"ALTER DATABASE {_database.Name} ALLOW_CONNECTIONS false");
        CutConnections();

        await Assert.ThrowsAsync<StoreException>(() => store.AppendAsync(TelemetryStoreContract.Record(2, 1), Never));
        await Assert.ThrowsAsync<StoreException>(() => new PostgresStoreProbe(_open!).WriteAsync(Never));
        await Assert.ThrowsAsync<StoreException>(() => store.CountAsync(Never));

        _database.Administer($"ALTER DATABASE {_database.Name} ALLOW_CONNECTIONS true");
        Assert.Equal(AppendOutcome.Stored, await store.AppendAsync(TelemetryStoreContract.Record(2, 1), Never));
        await new PostgresStoreProbe(_open!).WriteAsync(Never);
        Assert.Equal(2, (await store.CountAsync(Never)).Batches);
    }

    [Fact]
    public async Task After_a_cut_each_batch_is_stored_once_though_devices_send_again()
    {
        var store = Open();
        var sent = Enumerable.Range(1, 400).Select(async i =>
        {
            for (; ; )
            {
                try
                {
                    return await store.AppendAsync(TelemetryStoreContract.Record((ulong)i, i), Never);
                }
                catch (StoreException)
                {
                    await Task.Yield(); // the device sends again
                }
            }
        }).ToList();
        CutConnections();
        await Task.WhenAll(sent);
        Assert.Equal(400, (await store.CountAsync(Never)).Batches);
        Assert.Equal(400, (await store.ReadAsync(0, 1000, Never)).Count);
    }

    [Fact]
    public async Task Behind_tables_that_were_brought_back_positions_are_never_given_again()
    {
        await Open().AppendAsync(TelemetryStoreContract.Record(1, 1), Never);
        Assert.Equal(1, await _store!.GetHeadAsync(Never));
        _database.Execute("UPDATE telemetry_total SET origin = 'another server'");
        CutConnections();

        await Assert.ThrowsAsync<StoreException>(() => _store.AppendAsync(TelemetryStoreContract.Record(2, 1), Never));
        Assert.Equal(AppendOutcome.Stored, await _store.AppendAsync(TelemetryStoreContract.Record(2, 1), Never));
        Assert.Equal([1, PostgresSchema.Stride + 1], (await _store.ReadAsync(0, 10, Never)).Select(b => b.Position));
        Open();
        Assert.Equal(PostgresSchema.Stride + 1, await _store.GetHeadAsync(Never));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_stored_does_not_take_its_neighbours_with_it()
    {
        var store = Open();
        _database.Execute("ALTER TABLE telemetry_key ADD CHECK (sequence <> 7)");
        var outcomes = Enumerable.Range(1, 20).Select(i => store.AppendAsync(TelemetryStoreContract.Record((ulong)i, i), Never)).ToList();
        await Assert.ThrowsAsync<StoreException>(() => outcomes[6]);
        outcomes.RemoveAt(6);
        Assert.All(await Task.WhenAll(outcomes), outcome => Assert.Equal(AppendOutcome.Stored, outcome));
        Assert.Equal(19, (await store.ReadAsync(0, 100, Never)).Count);
    }

    public void Dispose()
    {
        Close();
        _database.Dispose();
    }

    private PostgresTelemetryStore Open()
    {
        Close();
        _open = PostgresDatabase.Open(_database.ConnectionString);
        return _store = new(_open, TimeProvider.System);
    }

    private void Close()
    {
        _store?.Dispose();
        _open?.Dispose();
    }

    private void CutConnections() => _database.Administer($"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{_database.Name}'");

    private string With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        change(settings);
        return settings.ConnectionString;
    }

    private static void Refused(string connectionString, string expected)
    {
        var message = Assert.Throws<StoreException>(() => PostgresDatabase.Open(connectionString)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
