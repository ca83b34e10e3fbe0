using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Disk;
using MlOps.Edge.Benchmarks.Ingest;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Benchmarks.Store;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Tests.Ingest;

public sealed class StoredSignalTests : IDisposable
{
    private const int Channels = 3;
    private const int Frames = 40;
    private const int BatchFrames = 10;
    private static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ReferenceSignal Signal = new(seed: 1);
    private static readonly Schema Schema = new() { Channels = { ChannelShape.All.Take(Channels).Select(c => new SchemaChannel { Name = c.Name, Unit = c.Unit }) } };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-bench-test-");

    [Fact]
    public async Task What_is_stored_once_as_published_is_counted()
    {
        await StoreAsync();

        Assert.Equal(Channels * Frames, await VerifyAsync(Frames));
    }

    [Fact]
    public async Task A_reading_that_is_missing_is_found()
    {
        await StoreAsync();

        Assert.Contains("not in its store", (await Assert.ThrowsAsync<BenchmarkException>(() => VerifyAsync(Frames + 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reading_that_is_stored_twice_is_found()
    {
        await StoreAsync();
        await StoreAsync();

        Assert.Contains("twice", (await Assert.ThrowsAsync<BenchmarkException>(() => VerifyAsync(Frames))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reading_that_was_never_published_is_found()
    {
        await StoreAsync();

        Assert.Contains("never published", (await Assert.ThrowsAsync<BenchmarkException>(() => VerifyAsync(Frames - 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_value_is_found()
    {
        await StoreAsync();

        Assert.Contains("not those that were published", (await Assert.ThrowsAsync<BenchmarkException>(() => VerifyAsync(Frames, offset: 1))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<long> VerifyAsync(int frames, long offset = 0) =>
        new StoredSignal(Signal, [new("device-set", offset, Channels, frames, Began.ToUnixTimeMilliseconds())]).VerifyAsync(new SqliteMeasuredStore(_folder.FullName), TestContext.Current.CancellationToken);

    private async Task StoreAsync()
    {
        await using var services = new ServiceCollection().AddSqliteStores(_folder.FullName).BuildServiceProvider();
        var (store, records) = (services.GetRequiredService<ITelemetryStore>(), new SignalRecords("device", Schema, 1000, Began));
        for (var f = 0; f < Frames; f += BatchFrames)
        {
            var from = f;
            await store.AppendAsync(records.Next([.. Enumerable.Range(0, Channels).Select(c => Signal.Take(c, from, BatchFrames))]), TestContext.Current.CancellationToken);
        }
    }
}
