using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class SchemaDictionaryTests : IDisposable
{
    private static readonly Schema Pump = new() { Channels = { new SchemaChannel { Name = "flow", Unit = "L/min" } } };
    private static readonly Schema Bearing = new() { Channels = { new SchemaChannel { Name = "rms", Unit = "mm/s" } } };
    private readonly OutboxFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_batch_carries_its_schemas_until_the_cloud_has_stored_one_that_did()
    {
        var outbox = _folder.Open();
        outbox.Commit(Batch(Pump), []);
        outbox.Commit(Batch(Pump), []);
        Acknowledge(outbox, 1);
        outbox.Commit(Batch(Pump, Bearing), []);

        Assert.Equal([[Pump], [Bearing]], outbox.All().Select(b => b.Schemas.AsEnumerable()));
        Assert.Equal([SchemaId.Of(Pump), SchemaId.Of(Bearing)], outbox.All()[^1].Readings.Select(r => r.Schema));
    }

    [Fact]
    public void What_the_cloud_has_learned_holds_over_a_restart_and_in_a_new_stream()
    {
        var outbox = _folder.Open();
        outbox.Commit(Batch(Pump), []);
        var epoch = outbox.Epoch();
        outbox.Acknowledge(new(epoch, 0, [new(1, 1)])); // above counts as through does
        outbox.Acknowledge(new(epoch, 40, [])); // a new stream begins

        outbox = _folder.Open();
        Assert.Equal(2, outbox.Commit(Batch(Pump), []).Stream);
        Assert.Empty(outbox.All().Single().Schemas);
    }

    [Fact]
    public void A_carrier_that_was_refused_or_evicted_has_taught_nothing()
    {
        var outbox = _folder.Open();
        outbox.Commit(Batch(Pump), []);
        outbox.Acknowledge(new(outbox.Epoch(), 1, [], [new(1, 1, Contracts.Documents.RefusalCode.Content, "no good")]));
        outbox.Commit(Batch(Pump), []);
        Assert.Equal([Pump], outbox.All()[^1].Schemas);

        outbox = _folder.Open(options => options.MaxBytes = 1);
        outbox.Commit(Batch(Pump), []);
        outbox.Acknowledge(new(outbox.Epoch(), 3, [])); // by the gap alone
        outbox = _folder.Open();
        outbox.Commit(Batch(Pump), []);
        Assert.Equal([Pump], outbox.All()[^1].Schemas);
    }

    [Fact]
    public void What_the_cloud_wants_goes_in_a_batch_of_its_own_and_with_all_that_follow_until_it_is_stored()
    {
        var outbox = Taught();
        outbox.Provide([Name(Pump), Name(Pump), new string('0', 32), "nonsense"]);
        outbox.Provide([Name(Pump)]); // said again before the first is through
        outbox.Commit(Batch(Pump), []);

        Assert.Equal([[Pump], [Pump]], outbox.All().Select(b => b.Schemas.AsEnumerable()));
        Assert.Empty(outbox.All()[0].Readings);
        Assert.Equal(StreamKind.Live, outbox.All()[0].Kind);
        Assert.True(outbox.Acknowledge(new(outbox.Epoch(), 2, []))!.Told);
        outbox.Commit(Batch(Pump), []);
        Assert.Empty(outbox.All()[^1].Schemas);
    }

    [Fact]
    public void A_schema_that_this_device_never_named_makes_no_batch()
    {
        var outbox = Taught();
        outbox.Provide([new string('0', 32)]);
        Assert.Empty(outbox.All());
    }

    [Fact]
    public async Task A_cloud_that_was_restored_gets_what_it_lacks_and_the_batch_again_without_a_timeout()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent { Configure = options => options.Outbox.AckTimeout = TimeSpan.FromMinutes(10) };
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(2, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        cloud.Store.ForgetSchemas();
        await agent.StepsAsync(2, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        Assert.Equal([(1, 2u), (0, 2u), (1, 0u)], cloud.Batches.Select(b => (b.Schemas.Count, b.Readings.SingleOrDefault()?.Frames ?? 0)));
        Assert.Equal([2f, 3f], cloud.Store.Decode(cloud.Batches[1].Readings.Single())[0]);
    }

    private Agent.Outbox.Outbox Taught()
    {
        var outbox = _folder.Open();
        outbox.Commit(Batch(Pump), []);
        Acknowledge(outbox, 1);
        return outbox;
    }

    private static void Acknowledge(Agent.Outbox.Outbox outbox, long through) => outbox.Acknowledge(new(outbox.Epoch(), through, []));

    private static string Name(Schema schema) => Convert.ToHexStringLower(SchemaId.Of(schema).Span);

    private static TelemetryBatch Batch(params Schema[] schemas) => new()
    {
        Schemas = { schemas },
        Readings = { schemas.Select(schema => new Readings { Asset = "pump-07", Frames = 1, Schema = SchemaId.Of(schema) }) },
    };
}
