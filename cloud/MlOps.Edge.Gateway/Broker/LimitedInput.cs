using System.Buffers;
using System.IO.Pipelines;
using MQTTnet.Exceptions;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// What comes by one connection, packet by packet. A packet says in its first bytes how long it is (MQTT 5, section 2.1.4): one that is too long
/// ends the connection there, where the library would first take it in whole.
/// </summary>
/// <param name="most">Bytes after the fixed header that a packet may have now.</param>
/// <param name="refused">Told of the length of a packet that is refused, before the connection ends.</param>
internal sealed class LimitedInput(PipeReader inner, Func<int> most, Func<long, Task> refused) : PipeReader
{
    private const int FixedHeader = 5;

    /// <exception cref="MqttCommunicationException">A packet is too long, or not all of it can come any more.</exception>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // Whoever reads takes whole packets, so that what is left begins with one.
        var result = await inner.ReadAsync(cancellationToken);
        var packet = Packet(result.Buffer);
        if (packet?.Length > most())
        {
            inner.AdvanceTo(result.Buffer.End);
            await refused(packet.Value.Length);
            throw new MqttCommunicationException($"A packet of {packet.Value.Length} bytes is refused; at most {most()} are taken.");
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

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    // Seven bits a byte, the least significant first. Null: it is not all there yet.
    private static (long Length, long End)? Packet(ReadOnlySequence<byte> buffer)
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
                return (length, i + 1 + length);
            }
        }

        return null;
    }
}
