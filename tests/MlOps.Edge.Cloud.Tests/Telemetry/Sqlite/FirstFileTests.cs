using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Sqlite;

/// <summary>A file of the first version is brought forward when the cloud opens it, with everything that is in it.</summary>
public sealed class FirstFileTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-first-");

    [Fact]
    public async Task Batches_positions_gaps_units_and_totals_are_what_they_were()
    {
        TelemetryBatch[] batches =
        [
            Batches.Of("edge-01", 1, Batches.Readings("a", 1, 0, ("x", [1, 2]))),
            Batches.Of("edge-01", 2, Batches.Readings("a", 1, 2, ("x", [3]))),
            new(Batches.Of("edge-01", 9)) { Gaps = { new Gap { FirstSequence = 3, LastSequence = 8, Readings = 6, Reason = "the outbox was full" } } },
        ];
        Write([.. batches.Select((batch, i) => (Position: (i + 1) * 10L, batch.ToByteArray()))]);

        using var stores = new TemporaryStores(_folder);
        var store = stores.Get<ITelemetryStore>();
        Assert.Equal([10, 20, 30], (await store.ReadAsync(0, 10, Never)).Select(b => b.Position));
        Assert.Equal(batches.Select(b => b.ToByteArray()), (await store.ReadAsync(0, 10, Never)).Select(b => b.Payload));
        Assert.Equal([(1L, 9L)], Assert.Single(await store.GetStreamsAsync(DeviceId.Parse("edge-01"), Never)).Ranges);
        Assert.Equal("the outbox was full", Assert.Single(await stores.Get<ITelemetryHistory>().ListGapsAsync(null, 10, Never)).Gap.Reason);
        Assert.Equal((0, 2), Assert.Single(await store.ListUnitsAsync(Never)) is var unit ? (unit.FirstFrame, unit.LastFrame) : default);
        Assert.Equal(new(3, 3, batches.Sum(b => (long)b.CalculateSize()), 5, 1), await store.CountAsync(Never));
        Assert.Equal(AppendOutcome.Duplicate, await store.AppendAsync(BatchCheck.Check(DeviceId.Parse("edge-01"), batches[0].ToByteArray(), Batches.Start), Never));
    }

    [Fact]
    public async Task A_file_of_the_second_version_which_has_a_row_for_each_batch_goes_on_with_rows_of_several()
    {
        using (var stores = new TemporaryStores(_folder))
        {
            await stores.Get<ITelemetryStore>().AppendAsync(TelemetryStoreContract.Record(1, 1f), Never);
        }

        Execute("PRAGMA user_version = 2");
        using var opened = new TemporaryStores(_folder);
        var store = opened.Get<ITelemetryStore>();
        Assert.Equal(
            [AppendOutcome.Duplicate, AppendOutcome.Stored, AppendOutcome.Stored],
            await store.AppendAsync([.. Enumerable.Range(1, 3).Select(i => TelemetryStoreContract.Record((ulong)i, i == 1 ? 1f : i))], Never));
        Assert.Equal([1L, 2, 3], (await store.ReadAsync(0, 10, Never)).Select(b => (long)TelemetryBatch.Parser.ParseFrom(b.Payload).Sequence));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, SqliteDatabase.FileName)};Pooling=False");
        connection.Open();
        using var session = new SqliteSession(connection);
        session.Execute(sql);
    }

    private void Write((long Position, byte[] Payload)[] batches)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, SqliteDatabase.FileName)};Pooling=False");
        connection.Open();
        using var session = new SqliteSession(connection);
        session.Execute(SqliteSchema.First);
        session.Execute("PRAGMA user_version = 1");
        foreach (var (position, payload) in batches)
        {
            var batch = TelemetryBatch.Parser.ParseFrom(payload);
            session.Execute(
                "INSERT INTO telemetry_batch VALUES ($1, 'edge-01', $2, $3, $4, $5, $6)",
                position, Batches.Epoch, (long)batch.Sequence, Batches.Start.UtcTicks, SHA256.HashData(payload), payload);
        }

        session.Execute("UPDATE telemetry_total SET batches = 3, readings = 3, duplicates = 5, dead_letters = 1");
    }
}
