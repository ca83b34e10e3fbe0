using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Benchmarks.Store;

/// <summary>One kind of query, and whether its answer is right.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Text">In words.</param>
/// <param name="RunAsync">Asks, decodes, and counts what came.</param>
/// <param name="Expected">What it must count.</param>
internal sealed record StoreQuery(string Name, string Text, Func<ITelemetryStore, ITelemetryHistory, CancellationToken, Task<int>> RunAsync, Func<int, int> Expected)
{
    // A channel in the middle: those before it in a block are read over.
    private const int Channel = 12;

    /// <summary>The expected count is a function of how many devices there are.</summary>
    public static IReadOnlyList<StoreQuery> All { get; } =
    [
        new("latest", "latest values of all devices", LatestAsync, devices => devices),
        new("day", $"one device, one channel, one day ({FilledStore.DensePoints} points)", DayAsync, _ => FilledStore.DensePoints),
        new("year", "one device, one channel, one year by the hour", YearAsync, _ => FilledStore.Hours),
    ];

    private static async Task<int> LatestAsync(ITelemetryStore store, ITelemetryHistory history, CancellationToken cancellationToken) =>
        (await store.ListUnitsAsync(cancellationToken)).Count(unit => unit.Latest.Length == ChannelShape.All.Count);

    private static async Task<int> DayAsync(ITelemetryStore store, ITelemetryHistory history, CancellationToken cancellationToken)
    {
        var (count, values) = (0, new float[ReferenceSignal.MostFrames]);
        foreach (var stored in await history.ReadSpanAsync(FilledStore.Dense, FilledStore.Began, FilledStore.Began + TimeSpan.FromDays(1), cancellationToken))
        {
            foreach (var readings in TelemetryBatch.Parser.ParseFrom(stored.Payload).Readings)
            {
                Decode(readings.Block.Span, values.AsSpan(0, (int)readings.Frames));
                count += (int)readings.Frames;
            }
        }

        return count;
    }

    private static async Task<int> YearAsync(ITelemetryStore store, ITelemetryHistory history, CancellationToken cancellationToken)
    {
        var (count, values) = (0, new float[ReferenceSignal.MostFrames]);
        foreach (var chunk in await history.ReadRollupsAsync(FilledStore.Yearly, RollupInterval.Hour, FilledStore.Began, FilledStore.Began + TimeSpan.FromDays(365), cancellationToken))
        {
            var rows = values.AsSpan(0, chunk.Rows.Frames.Count);
            Decode(chunk.Rows.Least.Span, rows);
            Decode(chunk.Rows.Greatest.Span, rows);
            Decode(chunk.Rows.Mean.Span, rows);
            count += rows.Length;
        }

        return count;
    }

    private static void Decode(ReadOnlySpan<byte> block, Span<float> values)
    {
        var decoder = new ColumnDecoder(block, values.Length);
        for (var c = 0; c <= Channel; c++)
        {
            decoder.Next(values);
        }
    }
}
