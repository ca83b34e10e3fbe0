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

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // Whoever reads takes whole packets, so that what is left begins with one.
        var result = await inner.ReadAsync(cancellationToken);
        if (Length(result.Buffer) is { } length && length > most())
        {
            inner.AdvanceTo(result.Buffer.End);
            await refused(length);
            throw new MqttCommunicationException($"A packet of {length} bytes is refused; at most {most()} are taken.");
        }

        return result;
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException("Packets are waited for.");

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    // Seven bits a byte, the least significant first. Null: it is not all there yet.
    private static long? Length(ReadOnlySequence<byte> buffer)
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
                return length;
            }
        }

        return null;
    }
}
