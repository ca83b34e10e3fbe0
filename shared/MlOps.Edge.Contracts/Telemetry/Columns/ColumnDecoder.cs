using System.Buffers.Binary;
using System.Numerics;

namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>Reads a block of columns that <see cref="ColumnEncoder"/> made, one column after the other, from bytes that nobody vouches for.</summary>
/// <param name="block">The columns.</param>
/// <param name="rows">Values in each.</param>
public ref struct ColumnDecoder(ReadOnlySpan<byte> block, int rows)
{
    private readonly int _rows = rows;
    private readonly ulong[] _packed = new ulong[rows];
    private BlockReader _from = new(block);

    /// <summary>Whether there is no further column.</summary>
    public readonly bool AtEnd => _from.AtEnd;

    /// <summary>Reads the next column.</summary>
    /// <param name="values">Where its values go.</param>
    /// <exception cref="FormatException">It is not a column of so many rows.</exception>
    /// <exception cref="ArgumentException">There is not a place for each row.</exception>
    public void Next(scoped Span<float> values)
    {
        if (values.Length != _rows)
        {
            throw new ArgumentException($"{values.Length} places for a column of {_rows} rows", nameof(values));
        }

        var header = _from.Byte();
        switch ((ColumnForm)(header & ColumnHeader.FormMask))
        {
            case ColumnForm.Constant when header == (int)ColumnForm.Constant:
                values.Fill(_from.Float());
                break;
            case ColumnForm.Raw when header == (int)ColumnForm.Raw:
                var raw = _from.Take(values.Length * sizeof(float));
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(i * sizeof(float))..]);
                }

                break;
            case ColumnForm.Offsets or ColumnForm.Deltas when header >> ColumnHeader.ScaleShift <= DecimalForm.MaxScale:
                Decimals(header, values);
                break;
            default:
                throw BlockReader.Broken($"a column begins with {header}");
        }
    }

    /// <summary>Walks over the next column without unpacking it: for those who want only some.</summary>
    /// <exception cref="FormatException">It is not a column of so many rows. Not all that <see cref="Next"/> would find is found.</exception>
    public void Skip()
    {
        var header = _from.Byte();
        switch ((ColumnForm)(header & ColumnHeader.FormMask))
        {
            case ColumnForm.Constant when header == (int)ColumnForm.Constant:
                _from.Take(sizeof(float));
                break;
            case ColumnForm.Raw when header == (int)ColumnForm.Raw:
                _from.Take(_rows * sizeof(float));
                break;
            case ColumnForm.Offsets or ColumnForm.Deltas when header >> ColumnHeader.ScaleShift <= DecimalForm.MaxScale:
                SkipDecimals(header);
                break;
            default:
                throw BlockReader.Broken($"a column begins with {header}");
        }
    }

    private void SkipDecimals(int header)
    {
        var present = Present(Missing(header));
        if ((header & ColumnHeader.HasExceptions) != 0)
        {
            for (var count = _from.Varint(); count > 0; count--)
            {
                _from.Varint();
                _from.Take(sizeof(float));
            }
        }

        _from.Varint();
        for (var left = (ColumnForm)(header & ColumnHeader.FormMask) == ColumnForm.Deltas ? present - 1 : present; left > 0; left -= ColumnHeader.GroupSize)
        {
            _from.SkipGroup(Math.Min(left, ColumnHeader.GroupSize));
        }
    }

    private ReadOnlySpan<byte> Missing(int header) => (header & ColumnHeader.HasMissing) == 0 ? [] : _from.Take((_rows + 7) / 8);

    private readonly int Present(ReadOnlySpan<byte> missing)
    {
        var present = _rows;
        foreach (var bitmap in missing)
        {
            present -= BitOperations.PopCount(bitmap);
        }

        return present > 0 ? present : throw BlockReader.Broken("a column of decimals has none");
    }

    private void Decimals(int header, scoped Span<float> values)
    {
        var missing = Missing(header);
        var present = Present(missing);

        // The present ones first, in front; then each to its place from behind.
        var decimals = values[..present];
        var exceptions = _from;
        if ((header & ColumnHeader.HasExceptions) != 0)
        {
            Exceptions(decimals);
        }

        Integers((ColumnForm)(header & ColumnHeader.FormMask), header >> ColumnHeader.ScaleShift, decimals);
        if ((header & ColumnHeader.HasExceptions) != 0)
        {
            var after = _from;
            _from = exceptions;
            Exceptions(decimals);
            _from = after;
        }

        if (!missing.IsEmpty)
        {
            Spread(values, missing, present);
        }
    }

    private void Exceptions(scoped Span<float> decimals)
    {
        var next = 0UL;
        for (var count = _from.Varint(); count > 0; count--)
        {
            next += _from.Varint();
            if (next >= (ulong)decimals.Length)
            {
                throw BlockReader.Broken("an exception lies behind the last row");
            }

            decimals[(int)next++] = _from.Float();
        }
    }

    private void Integers(ColumnForm form, int scale, scoped Span<float> decimals)
    {
        var value = ZigZag.Decode(_from.Varint());
        var packed = _packed.AsSpan(0, form == ColumnForm.Deltas ? decimals.Length - 1 : decimals.Length);
        foreach (var group in new Groups(packed))
        {
            _from.Group(group);
        }

        if (form == ColumnForm.Offsets)
        {
            for (var i = 0; i < packed.Length; i++)
            {
                decimals[i] = DecimalForm.Decode(value + (long)packed[i], scale);
            }

            return;
        }

        decimals[0] = DecimalForm.Decode(value, scale);
        for (var i = 0; i < packed.Length; i++)
        {
            value += ZigZag.Decode(packed[i]);
            decimals[i + 1] = DecimalForm.Decode(value, scale);
        }
    }

    private static void Spread(Span<float> values, ReadOnlySpan<byte> missing, int present)
    {
        for (var i = values.Length - 1; i >= 0; i--)
        {
            var isMissing = (missing[i / 8] >> (i % 8) & 1) != 0;
            if (!isMissing && present == 0)
            {
                throw BlockReader.Broken("the bitmap of missing values names a row that is not there");
            }

            values[i] = isMissing ? float.NaN : values[--present];
        }
    }
}
