using System.Collections;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Disk;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Benchmarks.Ingest;

/// <summary>What one device has published.</summary>
/// <param name="Offset">Where in the reference signal its frame 0 is.</param>
/// <param name="BeganMs">Of frame 0, Unix milliseconds.</param>
internal sealed record PublishedSignal(string Asset, long Offset, int Channels, int Frames, long BeganMs);

/// <summary>Holds a store against what was published: every reading is there once, bit for bit.</summary>
internal sealed class StoredSignal(ReferenceSignal signal, IEnumerable<PublishedSignal> published)
{
    private const int Page = 512;

    private readonly Dictionary<string, (PublishedSignal Device, BitArray Found)> _expected =
        published.ToDictionary(device => device.Asset, device => (device, new BitArray(device.Frames)), StringComparer.Ordinal);

    /// <summary>Reads everything in a store that no cloud writes.</summary>
    /// <returns>Readings that are there.</returns>
    /// <exception cref="BenchmarkException">One is missing, double, or another than was published.</exception>
    public async Task<long> VerifyAsync(IMeasuredStore measured, CancellationToken cancellationToken)
    {
        foreach (var (_, found) in _expected.Values)
        {
            found.SetAll(false);
        }

        await using var services = measured.Open(readOnly: true);
        var (store, book) = (services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<ISchemaBook>());
        var schemas = new Dictionary<ByteString, Schema>();
        for (var after = 0L; await store.ReadAsync(after, Page, cancellationToken) is { Count: > 0 } page; after = page[^1].Position)
        {
            foreach (var readings in page.SelectMany(stored => TelemetryBatch.Parser.ParseFrom(stored.Payload).Readings))
            {
                if (!schemas.TryGetValue(readings.Schema, out var schema))
                {
                    schemas[readings.Schema] = schema = book.FindSchema(readings.Schema.Memory) ?? throw new BenchmarkException("The store lacks the schema of a batch.");
                }

                Note(readings, ReadingColumns.OfSchema(readings, schema).Decode());
            }
        }

        return Count();
    }

    private void Note(Readings readings, float[][] columns)
    {
        var (device, found) = _expected[readings.Asset];
        var first = (int)readings.FirstFrame;
        if (first + (int)readings.Frames > found.Length)
        {
            throw new BenchmarkException($"{readings.Asset} has frames in the store that were never published.");
        }

        for (var f = first; f < first + (int)readings.Frames; f++)
        {
            if (found[f])
            {
                throw new BenchmarkException($"Frame {f} of {readings.Asset} is stored twice.");
            }

            found[f] = true;
        }

        for (var c = 0; c < columns.Length; c++)
        {
            if (!columns[c].AsSpan().SequenceEqual(signal.Take(c, device.Offset + first, columns[c].Length).Span))
            {
                throw new BenchmarkException($"The readings of channel {c} of {readings.Asset} from frame {first} on are not those that were published.");
            }
        }

        if (readings.FirstTimeMs != device.BeganMs + (long)first * LoadDevice.IntervalMs || columns.Length != device.Channels)
        {
            throw new BenchmarkException($"The frames of {readings.Asset} from {first} on have another time or other channels than were published.");
        }
    }

    private long Count()
    {
        var count = 0L;
        foreach (var (device, found) in _expected.Values)
        {
            if (!found.HasAllSet())
            {
                throw new BenchmarkException($"{device.Asset} has readings that the cloud acknowledged and that are not in its store.");
            }

            count += (long)found.Length * device.Channels;
        }

        return count;
    }
}
