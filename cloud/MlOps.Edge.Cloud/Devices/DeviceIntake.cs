using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>Takes the batches of one device into the store, and knows what is stored of each of its streams: it asks with the first batch, and again while the store is away.</summary>
internal sealed class DeviceIntake(DeviceId device, ITelemetryStore telemetry, ISchemaBook schemas)
{
    private Task<StreamPositions>? _streams;

    /// <summary>Batches that were stored since the grain was activated.</summary>
    public long Batches { get; private set; }

    /// <summary>Why the newest batches were refused; null: none was.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Stores them together. Calls may interleave.</summary>
    /// <returns>A store that is away is part of the answer.</returns>
    public async Task<IngestAnswer> TakeAsync(IngestBatch[] batches)
    {
        try
        {
            return await StoreAsync(batches, await StreamsAsync());
        }
        catch (StoreException e)
        {
            return new() { Fates = [], Streams = [], StoreFault = e.Message };
        }
    }

    private async Task<IngestAnswer> StoreAsync(IngestBatch[] batches, StreamPositions streams)
    {
        var tally = new IngestTally(batches.Length);
        var (records, places) = (new List<TelemetryRecord>(batches.Length), new List<int>(batches.Length));
        for (var i = 0; i < batches.Length; i++)
        {
            if (await CheckAsync(batches[i], i, tally) is { } record)
            {
                records.Add(record);
                places.Add(i);
            }
        }

        var outcomes = records.Count == 0 ? [] : await telemetry.AppendAsync(records, CancellationToken.None);
        Batches += records.Count;
        for (var i = 0; i < records.Count; i++)
        {
            Note(records[i], outcomes[i], places[i], streams, tally);
        }

        return tally.ToAnswer(streams);
    }

    // Calls that come while the store is asked go on with the same positions; what one of them stores counts for all.
    private async Task<StreamPositions> StreamsAsync()
    {
        var asked = _streams ??= ReadAsync();
        try
        {
            return await asked;
        }
        catch
        {
            _streams = _streams == asked ? null : _streams;
            throw;
        }
    }

    private async Task<StreamPositions> ReadAsync() => StreamPositions.From(await telemetry.GetStreamsAsync(device, CancellationToken.None));

    // Null: it is not to be stored, and the tally says why.
    private async ValueTask<TelemetryRecord?> CheckAsync(IngestBatch batch, int index, IngestTally tally)
    {
        try
        {
            return BatchCheck.Check(device, batch.Payload, batch.ReceivedAt, schemas, PublishedClock.Parse(batch.Clock));
        }
        catch (SchemaMissingException e) when (BatchPlace.Read(batch.Payload) is { } place)
        {
            tally.Want(index, place.StreamEpoch, e.Id);
        }
        catch (RejectedBatchException e)
        {
            // Refused is not accounted for: the device does that with a gap, once it has set the batch aside. Until then it may hear it again.
            Trouble = e.Message;
            await telemetry.RejectAsync(device, batch.Payload, e.Message, batch.ReceivedAt, CancellationToken.None);
            tally.Refuse(index, BatchPlace.Read(batch.Payload), e.Code, e.Message);
        }

        return null;
    }

    private void Note(TelemetryRecord record, AppendOutcome outcome, int index, StreamPositions streams, IngestTally tally)
    {
        if (outcome != AppendOutcome.Conflict)
        {
            streams.Add(record);
            tally.Store(index, record.StreamEpoch);
            return;
        }

        Trouble = $"sequence {record.Sequence} came again with another content: a cloned or rolled-back device";
        tally.Refuse(index, new(record.StreamEpoch, record.Sequence), RefusalCode.Conflict, "another content is stored under this sequence");
    }
}
