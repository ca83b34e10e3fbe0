using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Store;

/// <summary>What a store is filled with: many devices with a minute between frames, one with a dense day, and one with a year.</summary>
internal sealed class FilledStore(ITelemetryStore store, ReferenceSignal signal)
{
    /// <summary>Points of a channel within the dense day.</summary>
    public const int DensePoints = 7200;

    /// <summary>Hours of the year.</summary>
    public const int Hours = 365 * 24;

    private const int BlockFrames = 240;
    private const int OnTheWay = 512;
    private const int MinuteMs = 60_000;
    private const int HourMs = 3_600_000;

    private static readonly Schema Schema = new() { Channels = { ChannelShape.All.Select(c => new SchemaChannel { Name = c.Name, Unit = c.Unit }) } };

    /// <summary>Begins the dense day and the year.</summary>
    public static DateTimeOffset Began { get; } = new(2025, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static UnitRef Dense { get; } = UnitOf("dense");

    public static UnitRef Yearly { get; } = UnitOf("yearly");

    /// <summary>Fills it.</summary>
    /// <param name="readings">About how many, over all.</param>
    /// <returns>Readings that were stored.</returns>
    public async Task<long> FillAsync(long readings, int devices, CancellationToken cancellationToken)
    {
        var stored = await AddAsync("dense", 0, DensePoints, 24 * HourMs / DensePoints, cancellationToken) + await AddAsync("yearly", 1, Hours, HourMs, cancellationToken);
        var frames = (int)Math.Max(1, (readings - stored) / devices / ChannelShape.All.Count);
        var (done, room) = (0, new SemaphoreSlim(OnTheWay / 4));
        List<Task<long>> filling = [];
        for (var device = 2; device < devices; device++)
        {
            await room.WaitAsync(cancellationToken);
            filling.Add(AddOneAsync(device));
        }

        return stored + (await Task.WhenAll(filling)).Sum();

        async Task<long> AddOneAsync(int device)
        {
            try
            {
                return await Task.Run(() => AddAsync(FormattableString.Invariant($"device-{device:00000}"), device, frames, MinuteMs, cancellationToken), cancellationToken);
            }
            finally
            {
                room.Release();
                if (Interlocked.Increment(ref done) % 1000 == 0)
                {
                    Figures.Report.Progress($"{done} of {devices} devices are filled.");
                }
            }
        }
    }

    private static UnitRef UnitOf(string device) => new(AssetId.Parse($"{device}-set"), 1);

    private async Task<long> AddAsync(string device, int number, int frames, int intervalMs, CancellationToken cancellationToken)
    {
        var records = new SignalRecords(device, Schema, intervalMs, Began);
        List<Task> appended = [];
        for (var f = 0; f < frames; f += BlockFrames)
        {
            var count = Math.Min(BlockFrames, frames - f);
            var columns = new ReadOnlyMemory<float>[ChannelShape.All.Count];
            for (var c = 0; c < columns.Length; c++)
            {
                columns[c] = signal.Take(c, ReferenceSignal.OffsetOf(number) + f, count);
            }

            appended.Add(store.AppendAsync(records.Next(columns), cancellationToken));
        }

        await Task.WhenAll(appended);
        return (long)frames * ChannelShape.All.Count;
    }
}
