using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Exceptions;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// What comes by one connection, packet by packet. A packet says in its first bytes what it is and how long (MQTT 5, section 2.1): one that may not
/// come ends the connection there, where the library would first take it in whole.
/// </summary>
/// <param name="whyNot">Why such a packet may not come now; null: it may.</param>
/// <param name="refused">Told of a packet that is refused, before the connection ends.</param>
/// <param name="waiting">Called before anything is waited for.</param>
internal sealed class LimitedInput(PipeReader inner, Func<PacketStart, string?> whyNot, Func<string, Task> refused, Func<CancellationToken, ValueTask> waiting) : PipeReader
{
    private const int FixedHeader = 5;

    private ReadOnlySequence<byte> _read;
    private volatile bool _hasMore;

    /// <summary>Whether another whole packet is there already, so that whoever reads comes back for it.</summary>
    public bool HasMore => _hasMore;

    /// <exception cref="MqttCommunicationException">A packet may not come, or not all of it can come any more.</exception>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // Whoever reads takes whole packets, so that what is left begins with one.
        if (!_hasMore)
        {
            await waiting(cancellationToken);
        }

        var result = await inner.ReadAsync(cancellationToken);
        _read = result.Buffer;
        var packet = Packet(result.Buffer);
        if (packet is { } announced && whyNot(announced) is { } reason)
        {
            inner.AdvanceTo(result.Buffer.End);
            await refused(reason);
            throw new MqttCommunicationException($"A packet is refused: {reason}.");
        }

        // The library would ask for the rest of it for ever, without a pause.
        if (result.IsCompleted && !result.Buffer.IsEmpty && !(packet?.End <= result.Buffer.Length))
        {
            inner.AdvanceTo(result.Buffer.End);
            throw new MqttCommunicationException("The connection ended within a packet.");
        }

        return result;
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException("Packets are waited for.");

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var rest = _read.Slice(consumed);
        _hasMore = Packet(rest)?.End <= rest.Length;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _hasMore = false;
        inner.Complete(exception);
    }

    // Of the length seven bits a byte, the least significant first. Null: it is not all there yet.
    private static PacketStart? Packet(ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[FixedHeader];
        var here = (int)Math.Min(FixedHeader, buffer.Length);
        buffer.Slice(0, here).CopyTo(header);
        var length = 0L;
        for (var i = 1; i < here; i++)
        {
            length |= (long)(header[i] & 0x7F) << (7 * (i - 1));
            if (header[i] < 0x80)
            {
                return new(header[0], length, i + 1 + length);
            }
        }

        // The library would wait for the end of it.
        return here == FixedHeader ? new(header[0], null, null) : null;
    }
}

/// <summary>What a packet says of itself before it is there.</summary>
/// <param name="First">Kind and flags.</param>
/// <param name="Length">Bytes after the fixed header. Null: they are said in more than four bytes, which no packet may (MQTT 5, section 1.5.5).</param>
/// <param name="End">Bytes with the fixed header.</param>
internal readonly record struct PacketStart(byte First, long? Length, long? End);
