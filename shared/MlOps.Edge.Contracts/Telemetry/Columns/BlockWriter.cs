using System.Buffers.Binary;
using System.Numerics;

namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>Bytes, varints and groups of equally wide integers, one after the other. Reusable; not thread-safe.</summary>
internal sealed class BlockWriter
{
    /// <summary>Bits of the widest integer in a group: what is left of a word beside the bits of its last unfinished bytes.</summary>
    public const int MaxWidth = 40;

    // A word is written eight bytes wide, whatever it fills.
    private const int Slack = sizeof(ulong);

    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written after a place.</summary>
    public void BackTo(int length) => Length = length;

    public void Byte(int value)
    {
        var at = Reserve(1); // before the buffer is named: it may become another one
        _bytes[at] = (byte)value;
    }

    public void Float(float value)
    {
        var at = Reserve(sizeof(float));
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.AsSpan(at), value);
    }

    /// <summary>Base-128 with the low bits first, as in Protocol Buffers.</summary>
    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((int)(value & 0x7F) | 0x80);
        }

        Byte((int)value);
    }

    /// <summary>One byte with the width of the widest, then all of them that wide, low bits first, up to a whole byte.</summary>
    public void Group(ReadOnlySpan<ulong> values)
    {
        var width = WidthOf(values);
        Byte(width);
        var at = Reserve((values.Length * width + 7) / 8);
        var (word, filled) = (0UL, 0);
        foreach (var value in values)
        {
            word |= value << filled;
            filled += width;
            if (filled >= 64 - MaxWidth)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), word);
                var whole = filled / 8;
                at += whole;
                word >>= whole * 8;
                filled -= whole * 8;
            }
        }

        if (filled > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), word);
        }
    }

    /// <summary>The bytes that <see cref="Group"/> takes.</summary>
    public static int SizeOf(ReadOnlySpan<ulong> values) => 1 + (values.Length * WidthOf(values) + 7) / 8;

    private static int WidthOf(ReadOnlySpan<ulong> values)
    {
        ulong all = 0;
        foreach (var value in values)
        {
            all |= value;
        }

        return 64 - BitOperations.LeadingZeroCount(all);
    }

    private int Reserve(int count)
    {
        if (_bytes.Length < Length + count + Slack)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count + Slack));
        }

        Length += count;
        return Length - count;
    }
}
