using Google.Protobuf;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>
/// Batches that wait for the cloud, across restarts and power cuts. A batch leaves only when the cloud says that it has
/// stored it, or that it never will: then it is kept aside. What is evicted or refused leaves a gap record over its original range.
/// Safe for several callers at once.
/// </summary>
internal sealed class Outbox : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OutboxConnection _file;
    private readonly StreamTable _streams;
    private readonly BatchStore _batches;
    private readonly AssetTable _assets;
    private readonly Func<SqliteException, (SqliteConnection Connection, string? Fault)>? _renew;
    private string? _storageFault;

    /// <param name="connection">The file.</param>
    /// <param name="fault">What was wrong with it, for the report.</param>
    /// <param name="renew">Sets the file aside when it turns out to be damaged, and opens another; null: the damage comes out.</param>
    public Outbox(SqliteConnection connection, string? fault, AgentIdentity identity, OutboxOptions options, int historyFrames, TimeProvider clock,
        Func<SqliteException, (SqliteConnection Connection, string? Fault)>? renew = null)
    {
        (_file, Fault, _renew) = (new(connection), fault, renew);
        (_streams, _assets) = (new(_file), new(_file, historyFrames));
        _batches = new(_file, _streams, identity.Device, options, clock);
        Load();
    }

    /// <summary>Raised after a commit and after an acknowledgement.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>Raised when <see cref="Fault"/> changed or a batch was refused.</summary>
    public Pulse Troubled { get; } = new();

    /// <summary>What went wrong with the outbox itself, for the report; null: nothing.</summary>
    public string? Fault { get; private set; }

    public OutboxInfo Info
    {
        get
        {
            lock (_gate)
            {
                return Sound(() => _batches.Info) with { Fault = _storageFault ?? Fault, Commits = _file.Commits, BytesWritten = _file.BytesWritten };
            }
        }
    }

    /// <summary>
    /// Stores the contents under the next sequence, with the machines' progress and rings, in one durable transaction.
    /// Whatever is not in a commit may be lost with the power; whatever is, is not.
    /// </summary>
    /// <param name="contents">With every schema that it names.</param>
    /// <param name="progress">Of the machines that had a frame.</param>
    /// <param name="kind">Of the stream.</param>
    /// <param name="waited">For how long the first frame of it has waited.</param>
    /// <exception cref="UnwritableOutboxException">The storage is full or fails; it may be tried again.</exception>
    public BatchKey Commit(TelemetryBatch contents, IReadOnlyCollection<AssetProgress> progress, StreamKind kind = StreamKind.Live, TimeSpan waited = default)
    {
        BatchKey key = default;
        lock (_gate)
        {
            Write(durable: true, () =>
            {
                key = _batches.Append(kind, contents, waited);
                foreach (var asset in progress)
                {
                    _assets.Save(asset);
                }

                _batches.MakeRoom(key);
            });
        }

        Changed.Raise();
        return key;
    }

    /// <summary>Stores where machines begin, in one durable transaction; of a machine that has a place already it stays.</summary>
    /// <exception cref="UnwritableOutboxException">The storage is full or fails; it may be tried again.</exception>
    public void Begin(IReadOnlyCollection<ResumePoint> beginnings)
    {
        lock (_gate)
        {
            Write(durable: true, () =>
            {
                foreach (var beginning in beginnings)
                {
                    _assets.Begin(beginning);
                }
            });
        }
    }

    /// <summary>The first batch after a place that still waits for its acknowledgement; null: none.</summary>
    public StoredBatch? After(BatchKey place)
    {
        lock (_gate)
        {
            return Sound(() => _batches.After(place));
        }
    }

    /// <summary>
    /// The first batch after a place that still waits for its acknowledgement, in the streams of a kind, to be handed to the link: from now on
    /// it may have been sent, also after a restart, and stays as it is. Null: none.
    /// </summary>
    public StoredBatch? Next(StreamKind kind, BatchKey place)
    {
        lock (_gate)
        {
            if (Sound(() => _batches.Next(kind, place)) is not { } batch)
            {
                return null;
            }

            // What is live is never summed up: no write for it.
            if (kind != StreamKind.Live)
            {
                if (_streams.IsBeyondLease(batch.Key))
                {
                    Write(durable: true, () => _streams.Offer(batch.Key));
                }

                _streams.HandOut(batch.Key);
            }

            return batch;
        }
    }

    /// <summary>How many batches wait in the streams of a kind, and the first of them.</summary>
    public (long Count, BatchKey? First) Waiting(StreamKind kind)
    {
        lock (_gate)
        {
            return Sound(() => _batches.Waiting(kind));
        }
    }

    /// <summary>Forgets what the cloud has stored, and sets aside what it will never store.</summary>
    /// <returns>Null when the epoch is not ours.</returns>
    public Acknowledged? Acknowledge(StreamAcknowledgement acknowledgement)
    {
        var refused = acknowledgement.Refused ?? [];
        long stream;
        string? breaks;
        var told = false;
        lock (_gate)
        {
            if (Sound(() => _streams.Find(acknowledgement.Epoch)) is not { } found)
            {
                return null;
            }

            stream = found;

            // Losing a deletion to a power cut only sends a batch twice: no fsync for it. A sequence that a gap record takes must not be lost.
            breaks = Sound(() => NewStreamFor(stream, acknowledgement));
            Write(durable: refused.Count > 0 || breaks is not null, () =>
            {
                foreach (var range in refused)
                {
                    _batches.SetAside(stream, range);
                }

                foreach (var range in acknowledgement.Above.Prepend(new(long.MinValue, acknowledgement.Through)))
                {
                    told |= _batches.Forget(stream, range);
                }

                if (breaks is not null)
                {
                    _streams.Begin(_streams.KindOf(stream));
                }
            });
            Fault = breaks ?? Fault;
        }

        if (refused.Count > 0 || breaks is not null)
        {
            Troubled.Raise();
        }

        Changed.Raise();
        return new(stream, told);
    }

    /// <summary>Makes a batch of schemas that the cloud lacks, in the live stream; those that are on the way to it, or not ours, are left out.</summary>
    /// <param name="names">32 hexadecimal digits each.</param>
    public void Provide(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            Write(durable: true, () => _batches.Tell(names.Where(IsSchemaName).Select(name => ByteString.CopyFrom(Convert.FromHexString(name)))));
        }

        Changed.Raise();
    }

    /// <summary>What an acknowledgement of a stream leaves out that nothing here can fill; see <see cref="HoleWatch"/>.</summary>
    public IReadOnlyList<SequenceRange> Lacking(long stream, StreamAcknowledgement acknowledgement)
    {
        // The rule, on every acknowledgement: nothing is asked of the file.
        if (SequenceRanges.Holes(acknowledgement) is not { Count: > 0 } holes)
        {
            return [];
        }

        lock (_gate)
        {
            return Sound(() => _batches.Lacking(stream, holes));
        }
    }

    /// <summary>Tells of batches that the cloud had stored and has no more, and asks what it has of the other streams.</summary>
    public void TellRestored(long stream, IReadOnlyList<SequenceRange> lost)
    {
        lock (_gate)
        {
            Write(durable: true, () => _batches.TellRestored(stream, lost));
        }

        Changed.Raise();
    }

    /// <summary>Asks what the cloud has of a stream, unless something of it waits, which asks too.</summary>
    public void Ask(long stream)
    {
        lock (_gate)
        {
            Write(durable: false, () => _batches.Ask(stream));
        }

        Changed.Raise();
    }

    /// <summary>Sets aside a batch that this device itself knows will never be stored.</summary>
    /// <param name="key">The batch; one that is gone already stays gone.</param>
    /// <param name="code">One of <see cref="RefusalCode"/> that spares the stream.</param>
    /// <param name="reason">In plain words.</param>
    public void Refuse(BatchKey key, string code, string reason)
    {
        lock (_gate)
        {
            Write(durable: true, () => _batches.SetAside(key.Stream, new(key.Sequence, key.Sequence, code, reason)));
        }

        Troubled.Raise();
        Changed.Raise();
    }

    /// <summary>Where a machine was at the last commit, or begins, with the frames of its ring, oldest first.</summary>
    public (ResumePoint? Point, IReadOnlyList<float[]> Ring) Resume(AssetId asset)
    {
        lock (_gate)
        {
            return Sound(() => _assets.Resume(asset));
        }
    }

    public void Dispose() => _file.Dispose();

    private static bool IsSchemaName(string name) => name.Length == 2 * SchemaId.Bytes && name.All(char.IsAsciiHexDigit);

    // After a failure memory is again what the file is: no sequence is skipped, no batch counted that is not there.
    private void Write(bool durable, Action work)
    {
        try
        {
            Sound(() =>
            {
                _file.Transact(durable, work);
                return true;
            });
        }
        catch (SqliteException e) when (UnwritableOutboxException.Is(e))
        {
            Load();
            var unwritable = new UnwritableOutboxException(e);
            SetStorageFault(unwritable.Message);
            throw unwritable;
        }
        catch
        {
            Load();
            throw;
        }

        SetStorageFault(null);
    }

    // A file that turns out to be damaged is set aside, and the same is done once more with a new one. Streams keep their ordinals.
    private T Sound<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e) when (_renew is not null && OutboxFile.IsDamage(e))
        {
            _file.Replace(() =>
            {
                (var connection, Fault) = _renew(e);
                return connection;
            });
            Load();
            Troubled.Raise();
            return work();
        }
    }

    private void SetStorageFault(string? fault)
    {
        if (_storageFault != fault)
        {
            _storageFault = fault;
            Troubled.Raise();
        }
    }

    private void Load()
    {
        _streams.Load();
        _batches.Load();
        if (_batches.HasDamage)
        {
            _file.Transact(durable: true, _batches.TellDamage);
        }
    }

    // The cloud knows this stream otherwise than we do: a copied or rolled-back device, or one with another name. No sequence is used twice.
    private string? NewStreamFor(long stream, StreamAcknowledgement acknowledgement) =>
        !_streams.IsCurrent(stream) ? null
        : acknowledgement.Refused?.FirstOrDefault(range => !RefusalCode.SparesTheStream(range.Code)) is { } range
            ? $"the cloud refused batches of stream {acknowledgement.Epoch} ({range.Code ?? RefusalCode.Conflict}); they are kept aside and a new stream began"
        : acknowledgement.Through >= _streams.Next(stream)
            ? $"the cloud has batches of stream {acknowledgement.Epoch} that this device has not made; a new stream began"
        : null;
}

/// <summary>What an acknowledgement was to the outbox.</summary>
/// <param name="Stream">The stream's ordinal here.</param>
/// <param name="Told">The cloud has learned schemas that it had asked for.</param>
internal sealed record Acknowledged(long Stream, bool Told);
