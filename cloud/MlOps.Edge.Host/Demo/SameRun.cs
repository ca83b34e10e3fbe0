using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Host.Demo;

/// <summary>
/// Holds two runs of one seed against each other: what the cloud decided, event by event and in order, with the digests of the
/// snapshots and models in it; and what the devices sent, readings, predictions and sketches to the byte.
/// </summary>
internal static class SameRun
{
    private const int Page = 1000;

    public static async Task<IReadOnlyList<VerificationCheck>> CheckAsync(string cloud, string other, CancellationToken cancellationToken)
    {
        var (events, otherEvents) = (await EventsAsync(cloud, cancellationToken), await EventsAsync(other, cancellationToken));
        var (batches, otherBatches) = (await BatchesAsync(cloud, cancellationToken), await BatchesAsync(other, cancellationToken));
        return [Compare("events", events, otherEvents), Compare("batches", batches, otherBatches)];
    }

    /// <summary>Subject, kind and content of every event, in order.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(string cloud, CancellationToken cancellationToken)
    {
        await using var services = Stores(cloud);
        var events = await services.GetRequiredService<IEventLog>().ReadAsync(0, null, int.MaxValue, cancellationToken);
        return [.. events.Select(e => $"{e.Subject} {e.Kind} {e.Data}")];
    }

    /// <summary>Device, sequence and SHA-256 of every batch, by device and sequence.</summary>
    public static async Task<IReadOnlyList<string>> BatchesAsync(string cloud, CancellationToken cancellationToken)
    {
        await using var services = Stores(cloud);
        var telemetry = services.GetRequiredService<ITelemetryStore>();
        var prints = new List<string>();
        for (var after = 0L; ;)
        {
            var page = await telemetry.ReadAsync(after, Page, cancellationToken);
            prints.AddRange(page.Select(Fingerprint));
            if (page.Count < Page)
            {
                prints.Sort(StringComparer.Ordinal);
                return prints;
            }

            after = page[^1].Position;
        }
    }

    // The stream's name is drawn at random, by design.
    private static string Fingerprint(StoredBatch stored)
    {
        var batch = TelemetryReader.Decode(stored);
        batch.StreamEpoch = ByteString.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{stored.Device} {batch.Sequence:D8} {Convert.ToHexStringLower(SHA256.HashData(batch.ToByteArray()))}");
    }

    private static VerificationCheck Compare(string what, IReadOnlyList<string> mine, IReadOnlyList<string> others)
    {
        var first = mine.Zip(others).TakeWhile(pair => pair.First == pair.Second).Count();
        var same = first == mine.Count && first == others.Count;
        return new(
            string.Create(CultureInfo.InvariantCulture, $"the {what} are those of the other run"),
            same,
            string.Create(CultureInfo.InvariantCulture, $"{mine.Count} and {others.Count}")
            + (same ? ", all the same" : $"; from the {first + 1}th on they differ: {Short(mine, first)} | {Short(others, first)}"));
    }

    private static string Short(IReadOnlyList<string> lines, int index) => index >= lines.Count ? "nothing" : lines[index].Length > 160 ? lines[index][..160] + "…" : lines[index];

    private static ServiceProvider Stores(string cloud) => new ServiceCollection().AddSqliteStores(cloud, readOnly: true).AddLogging().BuildServiceProvider();
}
