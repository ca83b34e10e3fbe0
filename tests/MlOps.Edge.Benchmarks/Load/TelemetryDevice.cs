using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using MlOps.Edge.Benchmarks.Ingest;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>
/// A device as the agent is one on the wire: its topics and documents, packed batches encoded one by one, the schema until the cloud has acknowledged it,
/// a window of unacknowledged batches. Nothing is sent twice: what is not acknowledged on a loopback connection is a failure, and the case ends with it.
/// </summary>
internal sealed class TelemetryDevice : LoadDevice
{
    // The agent's session: nothing here depends on it.
    private const ulong ClockSession = 0x6265_6e63_6800_0001;
    private const int MostInFlight = 8192;

    private readonly DeviceId _id;
    private readonly ReferenceSignal _signal;
    private readonly Stopwatches _watch;
    private readonly int _window;
    private readonly byte[] _topic;
    private readonly string _epoch;
    private readonly Schema _schema;
    private readonly TelemetryBatch _batch;
    private readonly ColumnEncoder _encoder = new();
    private readonly ReadOnlyMemory<float>[] _columns;
    private readonly long[] _publishedAt = new long[MostInFlight];
    private readonly List<double> _latencies = [];
    private long _through;

    public TelemetryDevice(int number, LoadShape shape, ReferenceSignal signal, Stopwatches watch, int window)
        : base(number, shape)
    {
        (_signal, _watch, _window) = (signal, watch, window);
        _id = DeviceId.Parse(Name);
        _topic = Encoding.UTF8.GetBytes(Topics.Telemetry(_id));
        _columns = new ReadOnlyMemory<float>[shape.Channels];
        _schema = new() { Channels = { ChannelShape.All.Take(shape.Channels).Select(c => new SchemaChannel { Name = c.Name, Unit = c.Unit }) } };
        var epoch = Guid.NewGuid().ToByteArray();
        _epoch = Convert.ToHexStringLower(epoch);
        _batch = new()
        {
            Protocol = 1,
            StreamEpoch = ByteString.CopyFrom(epoch),
            Kind = StreamKind.Live,
            Device = Name,
            Schemas = { _schema },
            Clock = new() { Session = ClockSession },
            Readings =
            {
                new Readings
                {
                    Asset = Asset, Installation = 1, MachineKind = "pump-set", Frames = (uint)shape.Frames, IntervalMs = IntervalMs, Schema = SchemaId.Of(_schema),
                },
            },
        };
    }

    public string Asset => $"{Name}-set";

    /// <summary>Readings that the cloud has acknowledged.</summary>
    public long Stored => Volatile.Read(ref _through) * Shape.Readings;

    /// <summary>From publication to the persisted acknowledgement of what was published while measured, milliseconds.</summary>
    public IReadOnlyList<double> Latencies => _latencies;

    public PublishedSignal ToPublished() => new(Asset, ReferenceSignal.OffsetOf(Number), Shape.Channels, checked((int)(Published * Shape.Frames)), BeganMs);

    protected override bool IsSettled => Volatile.Read(ref _through) == Published;

    public override async Task ConnectAsync(int port, CancellationToken cancellationToken)
    {
        await Session.OpenAsync(
            port, MqttPacket.Connect(Name, Topics.Status(_id), Status(online: false)), MqttPacket.Subscribe([Topics.Acknowledgement(_id), Topics.Desired(_id)]), cancellationToken);
        await SayAsync(online: true, cancellationToken);
    }

    public override async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await SayAsync(online: false, cancellationToken);
        await base.LeaveAsync(cancellationToken);
    }

    protected override bool MayPublish() => Published - Volatile.Read(ref _through) < _window && Session.Unconfirmed < Session.ReceiveMaximum;

    protected override void Write(long now)
    {
        if (Published - Volatile.Read(ref _through) >= MostInFlight)
        {
            throw new BenchmarkException($"The cloud is {MostInFlight} batches behind device {Name}; the rate is beyond what this machine takes.");
        }

        var first = Published * Shape.Frames;
        for (var c = 0; c < _columns.Length; c++)
        {
            _columns[c] = _signal.Take(c, ReferenceSignal.OffsetOf(Number) + first, Shape.Frames);
        }

        var readings = _batch.Readings[0];
        readings.FirstFrame = (ulong)first;
        readings.FirstTimeMs = BeganMs + first * IntervalMs;
        readings.Block = UnsafeByteOperations.UnsafeWrap(_encoder.Encode(_columns));
        _batch.Sequence = (ulong)++Published;
        _batch.Clock.UptimeMs = (ulong)_watch.UptimeMs;
        _batch.Clock.TimeMs = _watch.TimeMs;
        if (_batch.Schemas.Count > 0 && Volatile.Read(ref _through) > 0)
        {
            _batch.Schemas.Clear();
        }

        _publishedAt[Published % MostInFlight] = now;
        _batch.WriteTo(Session.Publish(_topic, _batch.CalculateSize()));
    }

    protected override void Received(ReadOnlySpan<byte> payload)
    {
        var document = JsonSerializer.Deserialize(payload, ContractsJson.Default.AcknowledgementDocument) ?? throw new BenchmarkException("An acknowledgement is empty.");
        if (document.Wants is { Count: > 0 })
        {
            throw new BenchmarkException($"The cloud lacks a schema that it has acknowledged to device {Name}.");
        }

        foreach (var stream in document.Streams.Where(s => s.Epoch == _epoch))
        {
            if (stream.Refused is [var refused, ..])
            {
                throw new BenchmarkException($"The cloud refuses batch {refused.First} of device {Name}: {refused.Code} ({refused.Reason}).");
            }

            Settle(stream.Through);
        }
    }

    private void Settle(long through)
    {
        var now = Stopwatch.GetTimestamp();
        for (var sequence = _through + 1; sequence <= through; sequence++)
        {
            var published = _publishedAt[sequence % MostInFlight];
            if (_watch.Measures(published))
            {
                _latencies.Add(Stopwatch.GetElapsedTime(published, now).TotalMilliseconds);
            }
        }

        Volatile.Write(ref _through, Math.Max(_through, through));
    }

    private async Task SayAsync(bool online, CancellationToken cancellationToken)
    {
        var said = Status(online);
        said.CopyTo(Session.Publish(Encoding.UTF8.GetBytes(Topics.Status(_id)), said.Length, retain: true));
        await Session.FlushAsync(cancellationToken);
        while (Session.Unconfirmed > 0)
        {
            await Session.ReceiveAsync(Received, cancellationToken);
        }
    }

    private static byte[] Status(bool online) => JsonSerializer.SerializeToUtf8Bytes(new StatusDocument(online, ClockSession.ToString("x16", null)), ContractsJson.Default.StatusDocument);
}
