using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>The small numbers of streams. What a transaction gave is forgotten with it if it fails.</summary>
internal sealed class StreamNumbers
{
    private readonly Dictionary<(DeviceId Device, Guid Epoch), long> _known = [];

    /// <summary>Of each batch, without a word to the server; null: one of the streams is not known here.</summary>
    public long[]? Known(IReadOnlyList<Waiting> group)
    {
        var numbers = new long[group.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!_known.TryGetValue(Key(group[i].Record), out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }

    /// <summary>Of each batch; streams that are new get theirs.</summary>
    public long[] Of(PostgresSession session, IReadOnlyList<Waiting> group)
    {
        var numbers = new long[group.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var record = group[i].Record;
            var key = Key(record);
            if (!_known.TryGetValue(key, out numbers[i]))
            {
                _known.Add(key, numbers[i] = Add(session, record));
            }
        }

        return numbers;
    }

    public void Forget() => _known.Clear();

    private static (DeviceId, Guid) Key(TelemetryRecord record) => (record.Device, new(record.StreamEpoch));

    private static long Add(PostgresSession session, TelemetryRecord record)
    {
        var device = record.Device.ToString();
        session.Run("INSERT INTO telemetry_stream (device, epoch, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", device, record.StreamEpoch, (int)record.Kind);
        return session.First("SELECT id FROM telemetry_stream WHERE device = $1 AND epoch = $2", row => row.GetInt64(0), device, record.StreamEpoch);
    }
}

/// <summary>The small numbers of units.</summary>
internal sealed class UnitNumbers
{
    private readonly Dictionary<UnitRef, long> _known = [];

    /// <summary>What batches hold of units, by the units' numbers; units that are new get theirs.</summary>
    public List<NumberedSpan> Of(PostgresSession session, List<NewBatch> batches)
    {
        List<NumberedSpan> spans = [];
        foreach (var batch in batches)
        {
            foreach (var span in batch.Record.Units)
            {
                if (!_known.TryGetValue(span.Unit, out var number))
                {
                    _known.Add(span.Unit, number = Add(session, batch.Record.Device, span));
                }

                spans.Add(new(number, batch, span));
            }
        }

        return spans;
    }

    public void Forget() => _known.Clear();

    private static long Add(PostgresSession session, DeviceId device, UnitSpan span)
    {
        var (asset, installation) = (span.Unit.Asset.ToString(), span.Unit.Installation);
        session.Run(
            """
            INSERT INTO telemetry_unit (asset, installation, machine_kind, device, first_frame, last_frame, last_time, longest, schema, latest)
            VALUES ($1, $2, $3, $4, 0, -1, 0, 0, '', '') ON CONFLICT DO NOTHING
            """,
            asset, installation, span.MachineKind, device.ToString());
        return session.First("SELECT id FROM telemetry_unit WHERE asset = $1 AND installation = $2", row => row.GetInt64(0), asset, installation);
    }
}

/// <param name="Unit">Its number.</param>
internal sealed record NumberedSpan(long Unit, NewBatch Batch, UnitSpan Span);
