using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>What tells a batch from any other.</summary>
/// <param name="Epoch">32 lower-case hexadecimal digits.</param>
internal readonly record struct BatchName(string Epoch, long Sequence)
{
    // Protocol 1, then 16 bytes of epoch, then the sequence: so every encoded batch begins.
    private static readonly byte[] Beginning = [0x08, 0x01, 0x12, 0x10];
    private const int EpochBytes = 16;
    private const byte SequenceTag = 0x18;

    public static BatchName Of(TelemetryBatch batch) => new(Convert.ToHexStringLower(batch.StreamEpoch.Span), (long)batch.Sequence);

    /// <summary>The batches whose first bytes stand somewhere in a buffer.</summary>
    public static IEnumerable<BatchName> In(ReadOnlyMemory<byte> buffer)
    {
        for (var at = buffer.Span.IndexOf(Beginning); at >= 0;)
        {
            if (Read(buffer.Span[(at + Beginning.Length)..]) is { } name)
            {
                yield return name;
            }

            var next = buffer.Span[(at + 1)..].IndexOf(Beginning);
            at = next < 0 ? -1 : at + 1 + next;
        }
    }

    private static BatchName? Read(ReadOnlySpan<byte> rest)
    {
        if (rest.Length <= EpochBytes || rest[EpochBytes] != SequenceTag)
        {
            return null;
        }

        var sequence = 0L;
        for (var (i, shift) = (EpochBytes + 1, 0); i < rest.Length && shift < 63; i++, shift += 7)
        {
            sequence |= (long)(rest[i] & 0x7F) << shift;
            if ((rest[i] & 0x80) == 0)
            {
                return new(Convert.ToHexStringLower(rest[..EpochBytes]), sequence);
            }
        }

        return null;
    }
}
