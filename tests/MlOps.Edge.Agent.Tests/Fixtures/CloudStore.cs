using Google.Protobuf;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>Stores batches as the cloud does: once, only those whose schemas it knows, and it says what it has.</summary>
internal sealed class CloudStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Epoch, long Sequence), byte[]> _stored = [];
    private readonly Dictionary<ByteString, Schema> _schemas = [];
    private readonly Dictionary<string, Known> _known = [];

    /// <summary>Which batches the cloud stores and acknowledges; others are lost on the way.</summary>
    public Func<TelemetryBatch, bool> Stores { get; set; } = _ => true;

    /// <summary>Says that these will never be stored.</summary>
    public Func<TelemetryBatch, bool> Refuses { get; set; } = _ => false;

    /// <summary>The word for it; null: as an older cloud, which had none.</summary>
    public string? RefusalCode { get; set; }

    /// <summary>Called with each batch that is stored for the first time.</summary>
    public Action<TelemetryBatch> Stored { get; set; } = _ => { };

    /// <summary>By epoch, then sequence.</summary>
    public IReadOnlyList<TelemetryBatch> Batches
    {
        get
        {
            lock (_gate)
            {
                return [.. _stored.Values.Select(bytes => TelemetryBatch.Parser.ParseFrom(bytes))];
            }
        }
    }

    /// <summary>It is restored from a copy of before it had learned any.</summary>
    public void ForgetSchemas()
    {
        lock (_gate)
        {
            _schemas.Clear();
        }
    }

    /// <returns>Makes the cloud what it is now.</returns>
    public Action BackUp()
    {
        lock (_gate)
        {
            KeyValuePair<(string Epoch, long Sequence), byte[]>[] copy = [.. _stored];
            return () => Restore(copy);
        }
    }

    /// <summary>The values of a block.</summary>
    /// <returns><c>[C][frames]</c></returns>
    public float[][] Decode(Readings readings)
    {
        lock (_gate)
        {
            return ReadingColumns.Of(new() { Schemas = { _schemas[readings.Schema] } }, readings).Decode();
        }
    }

    public Schema Schema(ByteString id)
    {
        lock (_gate)
        {
            return _schemas[id];
        }
    }

    public AcknowledgementDocument Take(byte[] payload)
    {
        var batch = TelemetryBatch.Parser.ParseFrom(payload);
        var (epoch, sequence) = (Convert.ToHexStringLower(batch.StreamEpoch.Span), (long)batch.Sequence);
        lock (_gate)
        {
            var refused = Refuses(batch);
            string[] lacks = refused ? [] : Lacking(batch);
            var known = KnownOf(epoch);
            if (!refused && lacks.Length == 0 && Stores(batch))
            {
                if (_stored.TryGetValue((epoch, sequence), out var before))
                {
                    Assert.Equal(before, payload); // what is sent again is what was sent
                }
                else
                {
                    _stored[(epoch, sequence)] = payload;
                    known.Add(sequence, batch.Gaps);
                    Stored(batch);
                }
            }

            return new()
            {
                Streams = [new(epoch, known.Through, known.Above, refused ? [new(sequence, sequence, RefusalCode, "it was told to")] : null)],
                Wants = lacks.Length > 0 ? lacks : null,
            };
        }
    }

    private void Restore(KeyValuePair<(string Epoch, long Sequence), byte[]>[] copy)
    {
        lock (_gate)
        {
            _stored.Clear();
            _known.Clear();
            foreach (var (key, payload) in copy)
            {
                _stored[key] = payload;
                KnownOf(key.Epoch).Add(key.Sequence, TelemetryBatch.Parser.ParseFrom(payload).Gaps);
            }
        }
    }

    private Known KnownOf(string epoch) => _known.TryGetValue(epoch, out var found) ? found : _known[epoch] = new();

    private string[] Lacking(TelemetryBatch batch)
    {
        foreach (var schema in batch.Schemas)
        {
            _schemas[SchemaId.Of(schema)] = schema;
        }

        return [.. batch.Readings.Select(r => r.Schema).Concat(batch.Summaries.Select(s => s.Schema)).Where(id => !id.IsEmpty && !_schemas.ContainsKey(id))
            .Distinct().Select(id => Convert.ToHexStringLower(id.Span))];
    }

    // A batch accounts for itself and for what its gaps say will never come.
    private sealed class Known
    {
        private readonly SortedSet<long> _above = [];

        public long Through { get; private set; }

        public IReadOnlyList<SequenceRange> Above => [.. _above.Select(number => new SequenceRange(number, number))];

        public void Add(long sequence, IEnumerable<Gap> gaps)
        {
            _above.Add(sequence);
            foreach (var gap in gaps.Where(gap => gap.FirstSequence > 0))
            {
                for (var number = (long)gap.FirstSequence; number <= (long)gap.LastSequence; number++)
                {
                    _above.Add(number);
                }
            }

            while (_above.Count > 0 && _above.Min <= Through + 1)
            {
                Through = Math.Max(Through, _above.Min);
                _above.Remove(_above.Min);
            }
        }
    }
}
