using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Sqlite;

/// <summary>What is known of units and the totals is saved late; a process that just ends loses none of it.</summary>
public sealed class RecoveryTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryStores _stores = new();

    [Theory]
    [InlineData(7)]
    [InlineData(2500)] // several saves, and some batches behind the last
    public async Task After_a_kill_units_and_totals_are_as_before(int batches)
    {
        await Task.WhenAll(Enumerable.Range(1, batches).Select(i =>
            Store(_stores).AppendAsync(TelemetryStoreContract.Record((ulong)i, i, asset: $"a{i % 900}", frame: (ulong)i), Never)));
        var left = Leave();

        using var services = new ServiceCollection().AddSqliteStores(left).BuildServiceProvider();
        var found = services.GetRequiredService<ITelemetryStore>();
        Assert.Equal(Show(await Store(_stores).ListUnitsAsync(Never)), Show(await found.ListUnitsAsync(Never)));
        Assert.Equal(await Store(_stores).CountAsync(Never), await found.CountAsync(Never));

        await found.AppendAsync(TelemetryStoreContract.Record((ulong)batches + 1, 1, asset: "new"), Never);
        Assert.Equal(batches + 1, await found.GetHeadAsync(Never));
    }

    [Fact]
    public async Task Groups_that_share_a_transaction_and_are_each_worth_a_save_are_saved_once()
    {
        const int groups = 6;
        const int batches = 1200;
        await Task.WhenAll(Enumerable.Range(0, groups).Select(group => Store(_stores).AppendAsync(
            [.. Enumerable.Range(1, batches).Select(i => TelemetryStoreContract.Record((ulong)(group * batches + i), i, asset: $"a{group}-{i % 90}", frame: (ulong)i))], Never)));
        var left = Leave();

        using var services = new ServiceCollection().AddSqliteStores(left).BuildServiceProvider();
        var found = services.GetRequiredService<ITelemetryStore>();
        Assert.Equal(Show(await Store(_stores).ListUnitsAsync(Never)), Show(await found.ListUnitsAsync(Never)));
        Assert.Equal((groups * batches, groups * batches), (await found.GetHeadAsync(Never), (await found.CountAsync(Never)).Batches));
    }

    [Fact]
    public async Task After_a_kill_what_came_together_is_found_by_time_as_before()
    {
        var pump = new SampledPump("a", 5);
        await Store(_stores).AppendAsync([.. Enumerable.Range(1, 100).Select(i => pump.Record(i))], Never);
        using var services = new ServiceCollection().AddSqliteStores(Leave()).BuildServiceProvider();
        Assert.Equal(await Store(_stores).CountAsync(Never), await services.GetRequiredService<ITelemetryStore>().CountAsync(Never));
        for (var second = 0; second < 500; second++)
        {
            var from = Batches.Start.AddSeconds(second);
            Assert.Contains(1 + second / 5, (await services.GetRequiredService<ITelemetryHistory>().ReadSpanAsync(pump.Unit, from, from.AddSeconds(1), Never)).Select(b => b.Position));
        }
    }

    [Fact]
    public async Task Whoever_may_only_read_counts_as_much()
    {
        await Store(_stores).AppendAsync(TelemetryStoreContract.Record(1, 1, frame: 4), Never);
        using var reader = new ServiceCollection().AddSqliteStores(_stores.Folder, readOnly: true).BuildServiceProvider();
        Assert.Equal(["a#1 4-4 1"], Show(await reader.GetRequiredService<ITelemetryStore>().ListUnitsAsync(Never)));
        Assert.Equal(1, (await reader.GetRequiredService<ITelemetryStore>().CountAsync(Never)).Readings);

        await Store(_stores).AppendAsync(TelemetryStoreContract.Record(2, 2, frame: 5), Never);
        Assert.Equal(["a#1 4-5 2"], Show(await reader.GetRequiredService<ITelemetryStore>().ListUnitsAsync(Never)));
        Assert.Equal(2, (await reader.GetRequiredService<ITelemetryStore>().CountAsync(Never)).Readings);
    }

    public void Dispose() => _stores.Dispose();

    // What a killed process leaves behind: the file and its log, without a clean close.
    private string Leave()
    {
        var left = Directory.CreateDirectory(Path.Combine(_stores.Folder, "left")).FullName;
        foreach (var name in (string[])[SqliteDatabase.FileName, SqliteDatabase.FileName + "-wal"])
        {
            File.Copy(Path.Combine(_stores.Folder, name), Path.Combine(left, name));
        }

        return left;
    }

    private static ITelemetryStore Store(TemporaryStores stores) => stores.Get<ITelemetryStore>();

    private static List<string> Show(IEnumerable<UnitExtent> units) => [.. units.Select(u => $"{u.Unit} {u.FirstFrame}-{u.LastFrame} {string.Join(' ', u.Latest)}")];
}
