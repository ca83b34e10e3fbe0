using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

/// <summary>A schema comes once; afterwards its name is enough.</summary>
public abstract class SchemaBookContract(StoreKind kind) : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryStores _stores = new(kind);

    [Fact]
    public async Task A_batch_that_only_names_its_schema_is_read_with_the_one_that_came_before()
    {
        await StoreAsync(Packed(1, carries: true));
        await StoreAsync(Packed(2, carries: false));
        _stores.Reopen();

        var batches = await _stores.Get<ITelemetryStore>().ReadAsync(0, 10, Never);
        Assert.Equal([[1f, 10f, 2f, 20f], [1f, 10f, 2f, 20f]], batches.Select(stored =>
        {
            var batch = TelemetryReader.Decode(stored);
            return TelemetryReader.Rows(batch, batch.Readings[0], ["flow", "speed"]);
        }));
    }

    [Fact]
    public void A_batch_whose_schema_never_came_is_neither_taken_nor_refused()
    {
        var batch = Packed(1, carries: false);
        Assert.Equal(batch.Readings[0].Schema, Assert.Throws<SchemaMissingException>(() => Check(batch)).Id);
    }

    [Fact]
    public async Task The_columns_of_the_first_agents_have_a_schema_too()
    {
        await StoreAsync(Batches.Of("edge-01", 1, Batches.Readings("a", 1, 0, ("flow", [1]), ("speed", [2]))));
        var extent = Assert.Single(await _stores.Get<ITelemetryStore>().ListUnitsAsync(Never));
        Assert.Equal(["flow", "speed"], _stores.Get<ISchemaBook>().FindSchema(extent.Schema)!.Channels.Select(c => c.Name));
        Assert.Equal([1f, 2f], extent.Latest);
    }

    public void Dispose()
    {
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    private static TelemetryBatch Packed(ulong sequence, bool carries)
    {
        Schema schema = new() { Channels = { new SchemaChannel { Name = "flow", Unit = "m3/h" }, new SchemaChannel { Name = "speed", Unit = "/min" } } };
        var batch = Batches.Of("edge-01", sequence, Batches.Readings("a", 1, sequence * 2, ("flow", [1, 2])));
        var readings = batch.Readings[0];
        readings.Columns.Clear();
        readings.Schema = SchemaId.Of(schema);
        readings.Block = UnsafeByteOperations.UnsafeWrap(new ColumnEncoder().Encode([new float[] { 1, 2 }, new float[] { 10, 20 }]));
        if (carries)
        {
            batch.Schemas.Add(schema);
        }

        return batch;
    }

    private TelemetryRecord Check(TelemetryBatch batch) => BatchCheck.Check(DeviceId.Parse("edge-01"), batch.ToByteArray(), Batches.Start, _stores.Get<ISchemaBook>());

    private Task<AppendOutcome> StoreAsync(TelemetryBatch batch) => _stores.Get<ITelemetryStore>().AppendAsync(Check(batch), Never);
}

public sealed class SqliteSchemaBookTests() : SchemaBookContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresSchemaBookTests() : SchemaBookContract(StoreKind.Postgres);
