using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Postgres;

/// <summary>Two clouds on one database, which do not know of each other.</summary>
[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class TwoCloudsTests : IDisposable
{
    private const int BatchesEach = 120;

    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly PostgresTestDatabase _database = PostgresTestDatabase.Make();
    private readonly ServiceProvider[] _clouds;
    private readonly ITelemetryStore[] _stores;

    public TwoCloudsTests()
    {
        _clouds = [Open(), Open()];
        _stores = [.. _clouds.Select(cloud => cloud.GetRequiredService<ITelemetryStore>())];
    }

    [Fact]
    public async Task The_same_batches_sent_to_both_at_once_are_each_stored_once()
    {
        SampledPump[] pumps = [.. Enumerable.Range(0, 8).Select(i => new SampledPump($"pump-{i}", 5))];
        List<TelemetryRecord> records = [.. pumps.SelectMany(pump => Enumerable.Range(1, BatchesEach).Select(i => pump.Record(i)))];

        // One from the front, one from the back: they meet in the middle.
        var outcomes = await Task.WhenAll(records.Zip(records.AsEnumerable().Reverse()).SelectMany(pair => new[]
        {
            Task.Run(() => Store(0).AppendAsync(pair.First, Never), Never), Task.Run(() => Store(1).AppendAsync(pair.Second, Never), Never),
        }));

        Assert.Equal(pumps.Length * BatchesEach, outcomes.Count(o => o == AppendOutcome.Stored));
        Assert.Equal(pumps.Length * BatchesEach, outcomes.Count(o => o == AppendOutcome.Duplicate));
        var stored = await Store(0).ReadAsync(0, int.MaxValue, Never);
        Assert.Equal(stored.Select(b => b.Position).Order().Distinct(), stored.Select(b => b.Position));
        Assert.Equal(stored.Select(b => b.Position), (await Store(1).ReadAsync(0, int.MaxValue, Never)).Select(b => b.Position));
        Assert.Equal(pumps.Length * BatchesEach, stored.Select(b => Convert.ToHexString(b.Payload)).Distinct().Count());
        foreach (var pump in pumps)
        {
            Assert.Equal([(1L, (long)BatchesEach)], Assert.Single(await Store(1).GetStreamsAsync(pump.Device, Never)).Ranges);
        }
    }

    [Fact]
    public async Task Units_and_totals_are_right_whoever_wrote()
    {
        var pump = new SampledPump("a", 5);
        await Task.WhenAll(Enumerable.Range(1, BatchesEach).Select(i => Store(i % 2).AppendAsync(pump.Record(i), Never)));

        foreach (var cloud in (int[])[0, 1])
        {
            var unit = Assert.Single(await Store(cloud).ListUnitsAsync(Never));
            Assert.Equal((0, BatchesEach * 5 - 1), (unit.FirstFrame, unit.LastFrame));
            Assert.Equal(Batches.Start.AddSeconds(unit.LastFrame), unit.LastTime);
            Assert.Equal([SampledPump.Flow(unit.LastFrame), SampledPump.Speed(unit.LastFrame)], unit.Latest);
            var totals = await Store(cloud).CountAsync(Never);
            Assert.Equal((BatchesEach, BatchesEach * 10), (totals.Batches, totals.Readings));
        }
    }

    /// <summary>Whoever has read up to a position has read all that will ever stand before it, though two write.</summary>
    [Fact]
    public async Task Nothing_appears_before_a_position_that_was_read()
    {
        SampledPump[] pumps = [new("a", 5), new("b", 5)];
        var writing = Task.WhenAll(_clouds.SelectMany((_, cloud) => Enumerable.Range(1, BatchesEach * 4).Select(i => Store(cloud).AppendAsync(pumps[cloud].Record(i), Never))));
        List<long> followed = [];
        bool done;
        do
        {
            done = writing.IsCompleted;
            followed.AddRange((await Store(0).ReadAsync(followed.LastOrDefault(), 100, Never)).Select(b => b.Position));
        }
        while (!done || followed.Count < BatchesEach * 8);

        await writing;
        Assert.Equal((await Store(1).ReadAsync(0, int.MaxValue, Never)).Select(b => b.Position), followed);
    }

    [Fact]
    public async Task What_one_has_compacted_the_other_recognises()
    {
        var pump = new SampledPump("a", 5);
        foreach (var i in Enumerable.Range(1, 20))
        {
            await Store(1).AppendAsync(pump.Record(i), Never);
        }

        Assert.Equal(1, await _clouds[0].GetRequiredService<ITelemetryUpkeep>().CompactAsync(1, Batches.Start.AddYears(1), Never));
        Assert.Equal(AppendOutcome.Duplicate, await Store(1).AppendAsync(pump.Record(7), Never));
        Assert.Equal(AppendOutcome.Stored, await Store(1).AppendAsync(pump.Record(21), Never));
    }

    [Fact]
    public async Task Rollups_count_each_batch_once_when_both_take_turns_and_when_both_do_it_at_once()
    {
        var pump = new SampledPump("a", 5);
        foreach (var part in Enumerable.Range(1, 120).Chunk(30))
        {
            await Task.WhenAll(part.Select(i => Store(i % 2).AppendAsync(pump.Record(i), Never)));
            await Task.WhenAll(_clouds.Select(cloud => cloud.GetRequiredService<ITelemetryUpkeep>().RollUpAsync(Never)));
            await _clouds[part[0] % 2].GetRequiredService<ITelemetryUpkeep>().RollUpAsync(Never);
        }

        var chunks = await _clouds[1].GetRequiredService<ITelemetryHistory>().ReadRollupsAsync(pump.Unit, RollupInterval.Minute, Batches.Start, Batches.Start.AddDays(1), Never);
        Assert.Equal(600, chunks.Sum(chunk => chunk.Rows.Frames.Sum(frames => frames)));
    }

    public void Dispose()
    {
        foreach (var cloud in _clouds)
        {
            cloud.Dispose();
        }

        _database.Dispose();
    }

    private ITelemetryStore Store(int cloud) => _stores[cloud];

    private ServiceProvider Open() => new ServiceCollection().AddPostgresTelemetry(_database.ConnectionString).BuildServiceProvider();
}
