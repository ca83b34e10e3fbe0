using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>What an agent must find in its state folder after a power cut: all that it has said, and nothing that makes it say something else under the same name.</summary>
internal sealed class AgentAfterCut
{
    private const int HistoryFrames = 10;
    private readonly DeviceId _device;
    private readonly List<(BatchName Name, TelemetryBatch Batch, byte[] Payload, long Sent)> _sent = [];
    private readonly Dictionary<BatchName, long> _settled = [];
    private readonly GapRecords _gaps;
    private readonly List<(long Epoch, long Sent)> _desired;

    public AgentAfterCut(Recording agent, DeviceId device)
    {
        _device = device;
        var publications = Publication.Sent(agent).Where(sent => sent.Topic == Topics.Telemetry(device)).ToArray();
        _gaps = new(publications);
        _desired =
        [
            .. Publication.Sent(agent).Where(sent => sent.Topic == Topics.Reported(device))
                .Select(sent => (JsonSerializer.Deserialize(sent.Payload, ContractsJson.Default.ReportedDocument)!.DesiredEpoch, sent.Begun)),
        ];
        foreach (var (publication, batch) in publications.Select(sent => (sent, TelemetryBatch.Parser.ParseFrom(sent.Payload))).DistinctBy(sent => BatchName.Of(sent.Item2)))
        {
            _sent.Add((BatchName.Of(batch), batch, publication.Payload, publication.Begun));
        }

        foreach (var came in Publication.Received(agent).Where(came => came.Topic == Topics.Acknowledgement(device)))
        {
            foreach (var batch in OrderCheck.AcknowledgedIn(came.Payload))
            {
                _settled.TryAdd(batch, came.Begun);
            }
        }
    }

    /// <summary>Batches that left.</summary>
    public int Count => _sent.Count;

    /// <summary>Just after each publication of a batch: the disk is the same just before, and less is asked of it then.</summary>
    public IEnumerable<long> Moments => _sent.Select(sent => sent.Sent + 1);

    public IReadOnlyList<string> Check(string state, long moment) => [.. CheckOutbox(state, moment), .. CheckModels(state, moment)];

    // What the slots name is there, and no desired state that was answered is forgotten.
    private IEnumerable<string> CheckModels(string state, long moment)
    {
        var (ledger, blobs) = (new ModelLedger(state).State, new BlobStore(state));
        foreach (var blob in ledger.Blobs.Where(blob => blobs.Read(blob) is null))
        {
            yield return $"blob {blob}, which a slot names, is lost";
        }

        if (_desired.Where(said => said.Sent < moment).Select(said => said.Epoch).DefaultIfEmpty().Max() is var answered && (ledger.Desired?.Epoch ?? 0) < answered)
        {
            yield return $"the desired state of epoch {answered}, which was answered, is forgotten";
        }
    }

    private List<string> CheckOutbox(string state, long moment)
    {
        var wrong = new List<string>();
        var (connection, fault) = OutboxFile.Open(Directory.CreateDirectory(state).FullName, NullLogger.Instance);
        using var outbox = new Agent.Outbox.Outbox(connection, fault, new(_device, "default", "0123456789abcdef"), new(), HistoryFrames, TimeProvider.System);
        if (outbox.Fault is not null)
        {
            wrong.Add(outbox.Fault);
        }

        if (Rows(connection, "PRAGMA integrity_check", row => row.GetString(0)) is not ["ok"] and var found)
        {
            wrong.Add(string.Join("; ", found));
        }

        var next = Rows(connection, "SELECT epoch, next FROM stream", row => (Epoch: Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), Next: row.GetInt64(1))).ToDictionary(row => row.Epoch, row => row.Next);
        var waiting = Rows(connection, "SELECT payload FROM batch", row => row.GetFieldValue<byte[]>(0)).ToDictionary(payload => BatchName.Of(TelemetryBatch.Parser.ParseFrom(payload)));
        foreach (var (name, batch, payload, _) in _sent.TakeWhile(sent => sent.Sent < moment))
        {
            if (!(next.GetValueOrDefault(name.Epoch) > name.Sequence))
            {
                wrong.Add($"sequence {name.Sequence} of stream {name.Epoch}, which was sent, would be given once more");
            }

            if (waiting.TryGetValue(name, out var kept) ? !kept.AsSpan().SequenceEqual(payload) : !IsSettled(name, waiting.Values, moment))
            {
                wrong.Add($"batch {name.Sequence} of stream {name.Epoch}, which was sent and not acknowledged, is {(kept is null ? "lost" : "another")}");
            }

            wrong.AddRange(batch.Readings.Where(readings => !Goes(outbox, readings)).Select(readings => $"frame {readings.FirstFrame + readings.Frames - 1} of {readings.Asset}, which was sent, would be given once more"));
        }

        return wrong;
    }

    // By the cloud's word, or by a gap record over it that waits or was itself acknowledged.
    private bool IsSettled(BatchName batch, IEnumerable<byte[]> waiting, long moment) =>
        IsAcknowledged(batch, moment) || _gaps.Over(batch).Any(gap => IsAcknowledged(gap, moment))
        || waiting.Select(TelemetryBatch.Parser.ParseFrom).Any(other => BatchName.Of(other).Epoch == batch.Epoch
            && other.Gaps.Any(gap => gap.FirstSequence <= (ulong)batch.Sequence && gap.LastSequence >= (ulong)batch.Sequence));

    private bool IsAcknowledged(BatchName batch, long moment) => _settled.TryGetValue(batch, out var since) && since < moment;

    private static bool Goes(Agent.Outbox.Outbox outbox, Readings readings) => outbox.Resume(AssetId.Parse(readings.Asset)).Point is { } point
        && (point.Unit.Installation > readings.Installation || (point.Unit.Installation == readings.Installation && point.Age >= (long)readings.FirstFrame + readings.Frames - 1));

    private static T[] Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read())
        {
            rows.Add(read(row));
        }

        return [.. rows];
    }
}
