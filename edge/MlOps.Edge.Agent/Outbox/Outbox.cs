using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>Where a batch stands: the stream's ordinal on this device, and the sequence within it.</summary>
internal readonly record struct BatchKey(long Stream, long Sequence) : IComparable<BatchKey>
{
    public int CompareTo(BatchKey other) => Stream != other.Stream ? Stream.CompareTo(other.Stream) : Sequence.CompareTo(other.Sequence);
}

/// <summary>A committed batch: the bytes that are sent, now and again.</summary>
internal sealed record StoredBatch(BatchKey Key, byte[] Payload);

/// <summary>How far a machine's frames went into a commit, and the new frames of its ring.</summary>
internal sealed record AssetProgress(UnitRef Unit, long Age, bool Renewed, IReadOnlyList<float[]> Frames);

/// <summary>
/// Batches that wait for the cloud, across restarts and power cuts. A batch leaves only when the cloud says that it has
/// stored it; what is evicted leaves a gap record over its original range. Safe for several callers at once.
/// </summary>
internal sealed class Outbox : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly AgentIdentity _identity;
    private readonly OutboxOptions _options;
    private readonly int _historyFrames;
    private long _stream;
    private byte[] _epoch = [];
    private long _next;
    private long _pending;
    private long _bytes;
    private long _quarantined;

    public Outbox(SqliteConnection connection, string? fault, AgentIdentity identity, OutboxOptions options, int historyFrames)
    {
        (_connection, Fault, _identity, _options, _historyFrames) = (connection, fault, identity, options, historyFrames);
        if (!LoadStream())
        {
            BeginStream();
        }

        using var command = Command("SELECT coalesce(sum(state < 2), 0), coalesce(sum(length(payload)), 0), coalesce(sum(state = 2), 0) FROM batch");
        using var row = command.ExecuteReader();
        row.Read();
        (_pending, _bytes, _quarantined) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
    }

    /// <summary>Raised after a commit and after an acknowledgement.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>Raised when <see cref="Fault"/> changed.</summary>
    public Pulse Troubled { get; } = new();

    /// <summary>What went wrong with the outbox itself, for the report; null: nothing.</summary>
    public string? Fault { get; private set; }

    public OutboxInfo Info
    {
        get
        {
            lock (_gate)
            {
                return new(_pending, _bytes, _quarantined);
            }
        }
    }

    /// <summary>
    /// Stores the contents under the next sequence, with the machines' progress and rings, in one durable transaction.
    /// Whatever is not in a commit may be lost with the power; whatever is, is not.
    /// </summary>
    public BatchKey Commit(TelemetryBatch contents, IReadOnlyCollection<AssetProgress> progress)
    {
        BatchKey key;
        lock (_gate)
        {
            using var transaction = _connection.BeginTransaction();
            key = Append(contents, BatchState.Waiting, contents.Readings.Sum(r => (long)r.Frames));
            foreach (var asset in progress)
            {
                Save(asset);
            }

            MakeRoom();
            transaction.Commit();
        }

        Changed.Raise();
        return key;
    }

    /// <summary>The first batch after a place that still waits for its acknowledgement; null: none.</summary>
    public StoredBatch? After(BatchKey place)
    {
        lock (_gate)
        {
            using var command = Command(
                "SELECT stream, sequence, payload FROM batch WHERE state < 2 AND (stream, sequence) > ($stream, $sequence) ORDER BY stream, sequence LIMIT 1",
                ("$stream", place.Stream), ("$sequence", place.Sequence));
            using var row = command.ExecuteReader();
            return row.Read() ? new(new(row.GetInt64(0), row.GetInt64(1)), row.GetFieldValue<byte[]>(2)) : null;
        }
    }

    /// <summary>Forgets what the cloud has stored, and sets aside what it will never store.</summary>
    /// <returns>The stream's ordinal here; null when the epoch is not ours.</returns>
    public long? Acknowledge(StreamAcknowledgement acknowledgement)
    {
        long stream;
        var fault = Fault;
        lock (_gate)
        {
            if (FindStream(acknowledgement.Epoch) is not { } found)
            {
                return null;
            }

            stream = found;

            // Losing a deletion to a power cut only sends a batch twice: no fsync for it.
            Execute("PRAGMA synchronous=NORMAL");
            using (var transaction = _connection.BeginTransaction())
            {
                Delete(stream, new(long.MinValue, acknowledgement.Through));
                foreach (var range in acknowledgement.Above)
                {
                    Delete(stream, range);
                }

                foreach (var range in acknowledgement.Refused ?? [])
                {
                    Quarantine(stream, range);
                }

                transaction.Commit();
            }

            Execute("PRAGMA synchronous=FULL");
            if (stream == _stream && (acknowledgement.Through >= _next || acknowledgement.Refused is { Count: > 0 }))
            {
                // The cloud knows this stream otherwise than we do: a copied or rolled-back device. No sequence is used twice.
                Fault = acknowledgement.Refused is { Count: > 0 }
                    ? $"the cloud refused batches of stream {acknowledgement.Epoch}; they are kept aside and a new stream began"
                    : $"the cloud has batches of stream {acknowledgement.Epoch} that this device has not made; a new stream began";
                BeginStream();
            }
        }

        if (fault != Fault)
        {
            Troubled.Raise();
        }

        Changed.Raise();
        return stream;
    }

    /// <summary>Where a machine was at the last commit, with the frames of its ring, oldest first.</summary>
    public (ResumePoint? Point, IReadOnlyList<float[]> Ring) Resume(AssetId asset)
    {
        lock (_gate)
        {
            using var command = Command("SELECT installation, age FROM asset WHERE id = $asset", ("$asset", asset.ToString()));
            using var row = command.ExecuteReader();
            if (!row.Read())
            {
                return (null, []);
            }

            var point = new ResumePoint(new(asset, row.GetInt32(0)), row.GetInt64(1));
            using var frames = Command("SELECT data FROM frame WHERE asset = $asset ORDER BY age", ("$asset", asset.ToString()));
            using var frame = frames.ExecuteReader();
            var ring = new List<float[]>();
            while (frame.Read())
            {
                ring.Add(FloatBytes.Decode(frame.GetFieldValue<byte[]>(0)));
            }

            return (point, ring);
        }
    }

    public void Dispose() => _connection.Dispose();

    private BatchKey Append(TelemetryBatch contents, BatchState state, long readings)
    {
        var key = new BatchKey(_stream, _next++);
        Append(key, _epoch, contents, state, readings);
        Execute("UPDATE stream SET next = $next WHERE ordinal = $stream", ("$next", _next), ("$stream", _stream));
        return key;
    }

    private void Append(BatchKey key, byte[] epoch, TelemetryBatch contents, BatchState state, long readings)
    {
        contents.Protocol = ProtocolVersion.Current;
        contents.StreamEpoch = UnsafeByteOperations.UnsafeWrap(epoch);
        contents.Sequence = (ulong)key.Sequence;
        contents.Kind = StreamKind.Live;
        contents.Device = _identity.Device.ToString();
        var payload = contents.ToByteArray();
        Execute("INSERT INTO batch (stream, sequence, readings, state, payload) VALUES ($stream, $sequence, $readings, $state, $payload)",
            ("$stream", key.Stream), ("$sequence", key.Sequence), ("$readings", readings), ("$state", (int)state), ("$payload", payload));
        _pending++;
        _bytes += payload.Length;
    }

    private void Save(AssetProgress asset)
    {
        var id = asset.Unit.Asset.ToString();
        Execute("INSERT INTO asset (id, installation, age) VALUES ($asset, $installation, $age) ON CONFLICT (id) DO UPDATE SET installation = excluded.installation, age = excluded.age",
            ("$asset", id), ("$installation", asset.Unit.Installation), ("$age", asset.Age));
        if (asset.Renewed)
        {
            Execute("DELETE FROM frame WHERE asset = $asset", ("$asset", id));
        }

        var age = asset.Age - asset.Frames.Count;
        foreach (var frame in asset.Frames)
        {
            Execute("INSERT OR REPLACE INTO frame (asset, age, data) VALUES ($asset, $age, $data)", ("$asset", id), ("$age", ++age), ("$data", FloatBytes.Encode(frame)));
        }

        Execute("DELETE FROM frame WHERE asset = $asset AND age <= $old", ("$asset", id), ("$old", asset.Age - _historyFrames));
    }

    private void MakeRoom()
    {
        if (_bytes <= _options.MaxBytes)
        {
            return;
        }

        // Down to nine tenths, so that a full outbox does not write a gap record with every commit.
        var runs = new EvictedRuns();
        using (var command = Command("SELECT stream, sequence, readings, state, length(payload) FROM batch WHERE state <> 1 ORDER BY stream, sequence"))
        using (var row = command.ExecuteReader())
        {
            while (_bytes > _options.MaxBytes / 10 * 9 && row.Read())
            {
                var refused = (BatchState)row.GetInt32(3) == BatchState.Quarantined;
                runs.Add(new(row.GetInt64(0), row.GetInt64(1)), row.GetInt64(2), refused);
                _bytes -= row.GetInt64(4);
                _ = refused ? _quarantined-- : _pending--;
            }
        }

        foreach (var run in runs.All)
        {
            Execute("DELETE FROM batch WHERE stream = $stream AND sequence BETWEEN $first AND $last", ("$stream", run.Stream), ("$first", run.First), ("$last", run.Last));
        }

        foreach (var stream in runs.All.Where(run => !run.Refused).GroupBy(run => run.Stream))
        {
            var gaps = new TelemetryBatch();
            gaps.Gaps.AddRange(stream.Select(run => run.ToGap()));
            AppendTo(stream.Key, gaps);
        }
    }

    private void AppendTo(long stream, TelemetryBatch gaps)
    {
        if (stream == _stream)
        {
            Append(gaps, BatchState.Gap, 0);
            return;
        }

        byte[] epoch;
        long next;
        using (var command = Command("UPDATE stream SET next = next + 1 WHERE ordinal = $stream RETURNING epoch, next - 1", ("$stream", stream)))
        using (var row = command.ExecuteReader())
        {
            row.Read();
            (epoch, next) = (row.GetFieldValue<byte[]>(0), row.GetInt64(1));
        }

        Append(new(stream, next), epoch, gaps, BatchState.Gap, 0);
    }

    private void Delete(long stream, SequenceRange range)
    {
        using var command = Command("DELETE FROM batch WHERE stream = $stream AND sequence BETWEEN $first AND $last AND state < 2 RETURNING length(payload)",
            ("$stream", stream), ("$first", range.First), ("$last", range.Last));
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            _pending--;
            _bytes -= row.GetInt64(0);
        }
    }

    private void Quarantine(long stream, SequenceRange range)
    {
        var moved = Execute("UPDATE batch SET state = 2 WHERE stream = $stream AND sequence BETWEEN $first AND $last AND state < 2",
            ("$stream", stream), ("$first", range.First), ("$last", range.Last));
        _pending -= moved;
        _quarantined += moved;
    }

    private bool LoadStream()
    {
        using var command = Command("SELECT ordinal, epoch, next FROM stream ORDER BY ordinal DESC LIMIT 1");
        using var row = command.ExecuteReader();
        if (!row.Read())
        {
            return false;
        }

        (_stream, _epoch, _next) = (row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2));
        return true;
    }

    private void BeginStream()
    {
        (_stream, _epoch, _next) = (_stream + 1, RandomNumberGenerator.GetBytes(16), 1);
        Execute("INSERT INTO stream (ordinal, epoch, next) VALUES ($stream, $epoch, 1)", ("$stream", _stream), ("$epoch", _epoch));
    }

    private long? FindStream(string epoch)
    {
        if (epoch.Length != 32 || !epoch.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        using var command = Command("SELECT ordinal FROM stream WHERE epoch = $epoch", ("$epoch", Convert.FromHexString(epoch)));
        return (long?)command.ExecuteScalar();
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
