using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>What of an asset reached the cloud's store in a stretch of time.</summary>
/// <param name="Frames">Frames of 24 channels whose time lies in the stretch.</param>
/// <param name="Predictions">Of these, how many the model has judged.</param>
internal sealed record StoredFrames(int Frames, int Predictions)
{
    private const int Page = 512;

    /// <summary>Reads a folder that no cloud writes.</summary>
    /// <exception cref="BenchmarkException">A reading or a prediction is not a number, or a frame lacks channels.</exception>
    public static async Task<StoredFrames> ReadAsync(string folder, string asset, int channels, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var services = new ServiceCollection().AddSqliteStores(folder, readOnly: true).BuildServiceProvider();
        var (store, book) = (services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<ISchemaBook>());
        var (frames, judged) = (new HashSet<ulong>(), new HashSet<ulong>());
        for (var after = 0L; await store.ReadAsync(after, Page, cancellationToken) is { Count: > 0 } page; after = page[^1].Position)
        {
            foreach (var batch in page.Select(stored => TelemetryBatch.Parser.ParseFrom(stored.Payload)))
            {
                foreach (var readings in batch.Readings.Where(readings => readings.Asset == asset))
                {
                    var schema = book.FindSchema(readings.Schema.Memory) ?? throw new BenchmarkException("The store lacks the schema of a batch.");
                    var columns = ReadingColumns.OfSchema(readings, schema).Decode();
                    if (columns.Length != channels || !columns.All(column => column.All(float.IsFinite)))
                    {
                        throw new BenchmarkException($"A batch of {asset} has {columns.Length} channels, or values that are missing.");
                    }

                    frames.UnionWith(FramesOf(readings, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()));
                }

                foreach (var predictions in batch.Predictions.Where(predictions => predictions.Asset == asset))
                {
                    if (predictions.Outputs.Count == 0 || !predictions.Outputs.All(output => output.Values.Count == predictions.Frames.Count && output.Values.All(float.IsFinite)))
                    {
                        throw new BenchmarkException($"A prediction of {asset} is not a number.");
                    }

                    judged.UnionWith(predictions.Frames);
                }
            }
        }

        return new(frames.Count, frames.Count(judged.Contains));
    }

    private static IEnumerable<ulong> FramesOf(Readings readings, long from, long to)
    {
        var time = readings.FirstTimeMs;
        for (var f = 0; f < (int)readings.Frames; f++)
        {
            if (f > 0)
            {
                time += readings.IntervalMs > 0 ? readings.IntervalMs : readings.TimeDeltasMs[f - 1];
            }

            if (time >= from && time < to)
            {
                yield return readings.FirstFrame + (ulong)f;
            }
        }
    }
}
