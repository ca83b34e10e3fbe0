using System.Runtime.InteropServices;

namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>
/// Columns of float32 values, each in the fewest bytes of its forms; every bit of every value comes back, the payload of
/// a NaN included. The layout is in <c>docs/mqtt-api.md</c>. Keeps its buffers from one block to the next; not thread-safe.
/// </summary>
public sealed class ColumnEncoder
{
    private const int SampleSize = 32;

    private readonly BlockWriter _to = new();
    private float[] _present = [];
    private long[] _integers = [];
    private ulong[] _offsets = [];
    private ulong[] _deltas = [];

    /// <summary>The block of some columns, one after the other.</summary>
    /// <param name="columns">C columns of at least one value each.</param>
    public byte[] Encode(IEnumerable<ReadOnlyMemory<float>> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _to.BackTo(0);
        foreach (var column in columns)
        {
            Column(column.Span);
        }

        return _to.Written.ToArray();
    }

    private void Column(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, int>(values);
        if (bits.IndexOfAnyExcept(bits[0]) < 0)
        {
            _to.Byte((int)ColumnForm.Constant);
            _to.Float(values[0]);
            return;
        }

        var start = _to.Length;
        Decimals(values);
        if (_to.Length - start > values.Length * sizeof(float))
        {
            _to.BackTo(start);
            _to.Byte((int)ColumnForm.Raw);
            foreach (var value in values)
            {
                _to.Float(value);
            }
        }
    }

    private void Decimals(ReadOnlySpan<float> values)
    {
        var present = Present(values);
        var scale = DecimalForm.FindScale(Sample(present));
        var exceptions = 0;
        var integers = Room(ref _integers, present.Length);
        for (var i = 0; i < present.Length; i++)
        {
            if (!DecimalForm.TryEncode(present[i], scale, out integers[i]))
            {
                // What stands in its place among the integers costs least where nothing changes.
                integers[i] = i > 0 ? integers[i - 1] : 0;
                exceptions++;
            }
        }

        var smallest = Smallest(integers);
        var offsets = Offsets(integers, smallest);
        var deltas = Deltas(integers);
        var form = Size(deltas) <= Size(offsets) ? ColumnForm.Deltas : ColumnForm.Offsets;
        _to.Byte((int)form
            | (present.Length < values.Length ? ColumnHeader.HasMissing : 0)
            | (exceptions > 0 ? ColumnHeader.HasExceptions : 0)
            | (scale << ColumnHeader.ScaleShift));
        if (present.Length < values.Length)
        {
            Missing(values);
        }

        if (exceptions > 0)
        {
            Exceptions(present, integers, scale, exceptions);
        }

        _to.Varint(ZigZag.Encode(form == ColumnForm.Deltas ? integers[0] : smallest));
        foreach (var group in new Groups(form == ColumnForm.Deltas ? deltas : offsets))
        {
            _to.Group(group);
        }
    }

    private ReadOnlySpan<float> Present(ReadOnlySpan<float> values)
    {
        var present = Room(ref _present, values.Length);
        var count = 0;
        foreach (var value in values)
        {
            if (!ColumnHeader.IsMissing(value))
            {
                present[count++] = value;
            }
        }

        return present[..count];
    }

    // Evenly over the column: the first values of a start-up say little of the rest.
    private static ReadOnlySpan<float> Sample(ReadOnlySpan<float> values)
    {
        if (values.Length <= SampleSize)
        {
            return values;
        }

        var sample = new float[SampleSize];
        for (var i = 0; i < SampleSize; i++)
        {
            sample[i] = values[(int)((long)i * values.Length / SampleSize)];
        }

        return sample;
    }

    private void Missing(ReadOnlySpan<float> values)
    {
        for (var at = 0; at < values.Length; at += 8)
        {
            var bitmap = 0;
            for (var bit = 0; bit < 8 && at + bit < values.Length; bit++)
            {
                bitmap |= (ColumnHeader.IsMissing(values[at + bit]) ? 1 : 0) << bit;
            }

            _to.Byte(bitmap);
        }
    }

    private void Exceptions(ReadOnlySpan<float> present, ReadOnlySpan<long> integers, int scale, int count)
    {
        _to.Varint((ulong)count);
        var next = 0;
        for (var i = 0; i < present.Length; i++)
        {
            if (!DecimalForm.IsExact(present[i], integers[i], scale))
            {
                _to.Varint((ulong)(i - next));
                _to.Float(present[i]);
                next = i + 1;
            }
        }
    }

    private static long Smallest(ReadOnlySpan<long> integers)
    {
        var smallest = integers[0];
        foreach (var integer in integers)
        {
            smallest = Math.Min(smallest, integer);
        }

        return smallest;
    }

    private Span<ulong> Offsets(ReadOnlySpan<long> integers, long smallest)
    {
        var offsets = Room(ref _offsets, integers.Length);
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = (ulong)(integers[i] - smallest);
        }

        return offsets;
    }

    private Span<ulong> Deltas(ReadOnlySpan<long> integers)
    {
        var deltas = Room(ref _deltas, integers.Length - 1);
        for (var i = 0; i < deltas.Length; i++)
        {
            deltas[i] = ZigZag.Encode(integers[i + 1] - integers[i]);
        }

        return deltas;
    }

    private static int Size(Span<ulong> packed)
    {
        var size = 0;
        foreach (var group in new Groups(packed))
        {
            size += BlockWriter.SizeOf(group);
        }

        return size;
    }

    private static Span<T> Room<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new T[length];
        }

        return buffer.AsSpan(0, length);
    }
}
