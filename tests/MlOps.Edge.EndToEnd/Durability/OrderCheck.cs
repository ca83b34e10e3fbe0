using System.Text.Json;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>Whether what a program said on the wire was on its disk before it said it.</summary>
internal static class OrderCheck
{
    /// <returns>The publications of a batch that left an agent before the batch was written to its folder and synced; in words.</returns>
    public static IReadOnlyList<string> EarlyBatches(Recording agent, string folder)
    {
        var synced = new SyncedBatches(agent, folder);
        return
        [
            .. from sent in Publication.Sent(agent)
               where sent.Topic.EndsWith("/up/telemetry", StringComparison.Ordinal)
               let batch = BatchName.Of(TelemetryBatch.Parser.ParseFrom(sent.Payload))
               where !(synced.Since(batch) < sent.Begun)
               select $"batch {batch.Sequence} of stream {batch.Epoch} left at line {sent.Begun}; it was {Word(synced.Since(batch))}",
        ];
    }

    /// <returns>The batches that left a cloud as acknowledged before they, or a gap record over them, were written to its folder and synced; in words.</returns>
    public static IReadOnlyList<string> EarlyAcknowledgements(Recording cloud, string folder)
    {
        var (synced, gaps, early) = (new SyncedBatches(cloud, folder), new GapRecords(Publication.Received(cloud)), new List<string>());
        var said = new HashSet<BatchName>();
        foreach (var sent in Publication.Sent(cloud).Where(sent => sent.Topic.EndsWith("/down/ack", StringComparison.Ordinal)))
        {
            foreach (var batch in AcknowledgedIn(sent.Payload).Where(said.Add))
            {
                if (!(synced.Since(batch) < sent.Begun) && !gaps.Over(batch).Any(gap => synced.Since(gap) < sent.Begun))
                {
                    early.Add($"batch {batch.Sequence} of stream {batch.Epoch} was acknowledged at line {sent.Begun}; it was {Word(synced.Since(batch))}");
                }
            }
        }

        return early;
    }

    /// <summary>Every batch that an acknowledgement speaks of as stored or refused.</summary>
    public static IEnumerable<BatchName> AcknowledgedIn(byte[] payload) =>
        JsonSerializer.Deserialize(payload, ContractsJson.Default.AcknowledgementDocument)!.Streams.SelectMany(stream =>
            stream.Above.Concat((stream.Refused ?? []).Select(range => new SequenceRange(range.First, range.Last))).Prepend(new(1, stream.Through))
                .SelectMany(range => Enumerable.Range(0, (int)(range.Last - range.First + 1)).Select(i => new BatchName(stream.Epoch, range.First + i))));

    private static string Word(long? since) => since is { } line ? $"synced at line {line}" : "never synced";
}

/// <summary>What gap records that came over the wire stand for.</summary>
internal sealed class GapRecords(IEnumerable<Publication> publications)
{
    private readonly ILookup<string, (SequenceRange Range, BatchName Record)> _gaps =
        publications.Where(came => came.Topic.EndsWith("/up/telemetry", StringComparison.Ordinal))
            .Select(came => TelemetryBatch.Parser.ParseFrom(came.Payload))
            .SelectMany(batch => batch.Gaps.Where(gap => gap.FirstSequence > 0).Select(gap => (Batch: BatchName.Of(batch), Gap: gap)))
            .ToLookup(found => found.Batch.Epoch, found => (new SequenceRange((long)found.Gap.FirstSequence, (long)found.Gap.LastSequence), found.Batch));

    /// <summary>The records that cover a batch.</summary>
    public IEnumerable<BatchName> Over(BatchName batch) =>
        _gaps[batch.Epoch].Where(gap => gap.Range.First <= batch.Sequence && gap.Range.Last >= batch.Sequence).Select(gap => gap.Record);
}
