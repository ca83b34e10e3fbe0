using System.Text;

namespace MlOps.Edge.Agent.Models.Graph;

/// <summary>
/// Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding) field by field, without copies.
/// Nothing is believed: a length beyond the message, an overlong varint, a group or field 0 is refused.
/// </summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public int Field { get; private set; }

    public WireType Type { get; private set; }

    /// <summary>Moves to the next field; false at the end of the message. Each field is read or skipped before the next.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = tag >> 3 is > 0 and <= 0x1fff_ffff and var field ? (int)field : throw Malformed();
        Type = (WireType)(tag & 7);
        return true;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    public long Int()
    {
        Expect(WireType.Varint);
        return (long)Varint();
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Expect(WireType.Bytes);
        var length = Varint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Malformed();
    }

    public string Text(int most)
    {
        var bytes = Bytes();
        return bytes.Length <= most ? Encoding.UTF8.GetString(bytes) : throw new GraphRejectedException($"a name has {bytes.Length} bytes; {most} are allowed");
    }

    /// <summary>A repeated integer field, packed or not: appends what this field brings.</summary>
    public void Ints(List<long> to, long most)
    {
        if (Type == WireType.Varint)
        {
            to.Add((long)Varint());
        }
        else
        {
            var packed = new WireReader(Bytes());
            while (!packed._rest.IsEmpty && to.Count <= most)
            {
                to.Add((long)packed.Varint());
            }
        }

        if (to.Count > most)
        {
            throw new GraphRejectedException($"a list has more than {most} entries");
        }
    }

    /// <summary>How many elements this field of a repeated numeric field brings, packed or not.</summary>
    public long CountElements(int fixedSize)
    {
        if (Type != WireType.Bytes)
        {
            Skip();
            return 1;
        }

        var packed = Bytes();
        if (fixedSize > 0)
        {
            return packed.Length % fixedSize == 0 ? packed.Length / fixedSize : throw Malformed();
        }

        // A varint ends with the byte that has no continuation bit.
        long count = 0;
        foreach (var octet in packed)
        {
            count += octet < 0x80 ? 1 : 0;
        }

        return count;
    }

    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint: Varint(); break;
            case WireType.Fixed64: Take(8); break;
            case WireType.Bytes: Bytes(); break;
            case WireType.Fixed32: Take(4); break;
            default: throw Malformed();
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private readonly void Expect(WireType type)
    {
        if (Type != type)
        {
            throw Malformed();
        }
    }

    private static GraphRejectedException Malformed() => new("the file is not a well-formed protobuf message");
}

internal enum WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 }
