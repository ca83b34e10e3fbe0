using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MlOps.Edge.Cloud.Training.Snapshots;

/// <summary>Frames at rest: row-major <c>[frames, C]</c>, float32, little-endian, every bit kept (the payloads of NaNs too).</summary>
internal static class FrameBytes
{
    public static byte[] Encode(ReadOnlySpan<float> values)
    {
        var bytes = MemoryMarshal.AsBytes(values).ToArray();
        ToOrFromLittleEndian(bytes);
        return bytes;
    }

    /// <exception cref="FormatException">Not a whole number of values.</exception>
    public static float[] Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
        {
            throw new FormatException($"{bytes.Length} bytes are not a whole number of float32.");
        }

        var values = new float[bytes.Length / sizeof(float)];
        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        ToOrFromLittleEndian(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static void ToOrFromLittleEndian(Span<byte> bytes)
    {
        if (!BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, uint>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }
}
