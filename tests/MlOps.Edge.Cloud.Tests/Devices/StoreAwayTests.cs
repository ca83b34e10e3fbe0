using Google.Protobuf;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Devices;

/// <summary>A device while the telemetry store is away: only its telemetry waits.</summary>
public sealed class StoreAwayTests : IAsyncLifetime
{
    private const string Device = "edge-01";
    private static readonly Assignment V1 = new(new AssignedModel("m", 1, "aa", "bb"), null, "r");

    private readonly TestSilo _silo = new() { BeforeTelemetry = store => new AwayStore(store) };

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task It_is_assigned_and_told_what_it_should_run_and_answers()
    {
        Assert.Equal(1, await _silo.Device(Device).AssignAsync(V1));
        await _silo.Device(Device).ConnectionAsync(true, "s");
        await _silo.RestartAsync();

        await _silo.Device(Device).AnnounceAsync();
        Assert.Equal(["edge-01 desired 1", "edge-01 desired 1"], _silo.Downlink.Sent(Device));
        Assert.Equal(V1, (await _silo.Device(Device).GetAsync()).Desired);
    }

    [Fact]
    public async Task Its_batches_are_neither_stored_nor_refused_until_the_store_is_back_and_it_goes_on_where_it_was()
    {
        Store.Away = false;
        Assert.Equal(2, Assert.Single((await IngestAsync(1, 2)).Streams).Through);
        await _silo.RestartAsync();

        var first = await IngestAsync(3);
        Assert.Equal((AwayStore.Reason, 0, 0), (first.StoreFault, first.Streams.Length, first.Fates.Length));
        Store.Away = false;
        var answers = await Task.WhenAll(IngestAsync(3), IngestAsync(4));
        Assert.All(answers, answer => Assert.Equal((null, BatchFate.Stored), (answer.StoreFault, Assert.Single(answer.Fates))));
        Store.Away = true;
        Assert.Equal(AwayStore.Reason, (await IngestAsync(5)).StoreFault);
        Store.Away = false;
        Assert.Equal(5, Assert.Single((await IngestAsync(5)).Streams).Through);
        Assert.Equal(5, (await Store.CountAsync(TestContext.Current.CancellationToken)).Batches);
    }

    private AwayStore Store => (AwayStore)_silo.Get<ITelemetryStore>();

    private Task<IngestAnswer> IngestAsync(params IEnumerable<ulong> sequences) => _silo.Device(Device).IngestAsync(
        [.. sequences.Select(sequence => new IngestBatch(Batches.Of(Device, sequence, Batches.Readings("a", 1, sequence, ("x", [1f]))).ToByteArray(), Batches.Start))]);
}
