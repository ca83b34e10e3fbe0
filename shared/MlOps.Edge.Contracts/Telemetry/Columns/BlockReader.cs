using System.Buffers.Binary;

namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>Reads what <see cref="BlockWriter"/> wrote, from bytes that nobody vouches for.</summary>
internal ref struct BlockReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public static FormatException Broken(string why) => new($"The columns are not readable: {why}.");

    public int Byte() => Take(1)[0];

    public float Float() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken("an integer has more than 63 bits");
    }

    public void Group(Span<ulong> values)
    {
        var width = GroupWidth();
        var packed = Take((values.Length * width + 7) / 8);
        var mask = (1UL << width) - 1;
        for (var i = 0; i < values.Length; i++)
        {
            var bit = i * width;
            values[i] = Word(packed, bit / 8) >> (bit % 8) & mask;
        }
    }

    /// <summary>Walks over a group of so many integers.</summary>
    public void SkipGroup(int count) => Take((count * GroupWidth() + 7) / 8);

    public ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            throw Broken("they end too early");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private int GroupWidth()
    {
        var width = Byte();
        return width <= BlockWriter.MaxWidth ? width : throw Broken($"a group is {width} bits wide; {BlockWriter.MaxWidth} is the most");
    }

    // Eight bytes from a place on; the last ones of a group may be fewer.
    private static ulong Word(ReadOnlySpan<byte> bytes, int at)
    {
        if (bytes.Length - at >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
        }

        ulong word = 0;
        for (var i = bytes.Length - 1; i >= at; i--)
        {
            word = word << 8 | bytes[i];
        }

        return word;
    }
}
