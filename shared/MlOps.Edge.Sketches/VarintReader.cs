using System.Buffers.Binary;
using System.Text;

namespace MlOps.Edge.Sketches;

/// <summary>Reads what <see cref="VarintWriter"/> wrote, from bytes that nobody vouches for.</summary>
internal ref struct VarintReader(ReadOnlySpan<byte> bytes, string what)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly FormatException Broken(string why) => new($"The {what} is not readable: {why}.");

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Broken($"{_rest.Length} bytes are left over");
        }
    }

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken("an integer has more than 64 bits");
    }

    public long Count(long most = long.MaxValue)
    {
        var value = Unsigned();
        return value <= (ulong)most ? (long)value : throw Broken($"{value} where at most {most} is possible");
    }

    /// <summary>How many items follow. Each takes a byte or more, which bounds what a broken length can allocate.</summary>
    public int Length() => (int)Count(_rest.Length);

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public float Float() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    public ReadOnlySpan<byte> Take(int count)
    {
        if (_rest.Length < count)
        {
            throw Broken("it ends too early");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
