using System.Buffers.Binary;
using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Contracts.Telemetry;

/// <summary>The columns of one block of readings, whichever of the wire's two forms they have: packed, or as the first agents send them.</summary>
public sealed class ReadingColumns
{
    // Rows that need no array of their own.
    private const int OnStack = 64;
    private const string Behind = "The columns are not readable: there are bytes behind the last.";

    private readonly Readings _readings;
    private readonly Schema? _schema;

    private ReadingColumns(Readings readings, Schema? schema) => (_readings, _schema) = (readings, schema);

    /// <summary>The channels with their units, in order.</summary>
    public Schema Schema => _schema ?? new() { Channels = { _readings.Columns.Select(c => new SchemaChannel { Name = c.Channel, Unit = c.Unit }) } };

    public int Count => _schema?.Channels.Count ?? _readings.Columns.Count;

    /// <param name="readings">Of the batch.</param>
    /// <exception cref="FormatException">The block has both forms, or none.</exception>
    /// <exception cref="SchemaMissingException">The block names a schema that the batch does not have.</exception>
    public static ReadingColumns Of(TelemetryBatch batch, Readings readings)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(readings);
        if (readings.Schema.IsEmpty)
        {
            return readings.Block.IsEmpty ? new(readings, null) : throw new FormatException("A block names no schema.");
        }

        if (readings.Columns.Count > 0)
        {
            throw new FormatException("A block has columns beside its packed ones.");
        }

        return new(readings, batch.Schemas.FirstOrDefault(s => SchemaId.Of(s) == readings.Schema) ?? throw new SchemaMissingException(readings.Schema));
    }

    /// <param name="readings">With columns that say their channels themselves.</param>
    public static ReadingColumns OfOwn(Readings readings) => new(readings, null);

    /// <param name="schema">Which the block names.</param>
    public static ReadingColumns OfSchema(Readings readings, Schema schema) => new(readings, schema);

    /// <summary>The values of each column, each bit as sent; NaN is a missing one.</summary>
    /// <returns><c>[C][frames]</c></returns>
    /// <exception cref="FormatException">They are not columns of so many frames.</exception>
    public float[][] Decode()
    {
        var (columns, frames) = (new float[Count][], (int)_readings.Frames);
        if (_schema is null)
        {
            for (var c = 0; c < columns.Length; c++)
            {
                columns[c] = Plain(_readings.Columns[c], frames);
            }

            return columns;
        }

        var decoder = new ColumnDecoder(_readings.Block.Span, frames);
        for (var c = 0; c < columns.Length; c++)
        {
            decoder.Next(columns[c] = new float[frames]);
        }

        return decoder.AtEnd ? columns : throw new FormatException(Behind);
    }

    /// <summary>The last row. All columns are read, as <see cref="Decode()"/> reads them, into one place.</summary>
    /// <returns><c>[C]</c></returns>
    /// <exception cref="FormatException">They are not columns of so many frames.</exception>
    public float[] DecodeLast()
    {
        var (last, frames) = (new float[Count], (int)_readings.Frames);
        if (_schema is null)
        {
            for (var c = 0; c < last.Length; c++)
            {
                last[c] = Plain(_readings.Columns[c], frames)[^1];
            }

            return last;
        }

        var column = frames <= OnStack ? stackalloc float[frames] : new float[frames];
        var decoder = new ColumnDecoder(_readings.Block.Span, frames);
        for (var c = 0; c < last.Length; c++)
        {
            decoder.Next(column);
            last[c] = column[^1];
        }

        return decoder.AtEnd ? last : throw new FormatException(Behind);
    }

    /// <summary>The values of some channels, as <see cref="Decode()"/> gives them; the others are not unpacked.</summary>
    /// <param name="channels">In any order.</param>
    /// <returns>In the order of <paramref name="channels"/>; null where the block has no such channel.</returns>
    /// <exception cref="FormatException">They are not columns of so many frames.</exception>
    public float[]?[] Decode(IReadOnlyList<string> channels)
    {
        ArgumentNullException.ThrowIfNull(channels);
        var (columns, frames) = (new float[]?[channels.Count], (int)_readings.Frames);
        if (_schema is null)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var column = _readings.Columns.FirstOrDefault(c => c.Channel == channels[i]);
                columns[i] = column is null ? null : Plain(column, frames);
            }

            return columns;
        }

        var wanted = channels.Select(name => IndexOf(_schema, name)).ToArray();
        var decoder = new ColumnDecoder(_readings.Block.Span, frames);
        for (var (c, last) = (0, wanted.DefaultIfEmpty(-1).Max()); c <= last; c++)
        {
            var at = Array.IndexOf(wanted, c);
            if (at < 0)
            {
                decoder.Skip();
            }
            else
            {
                decoder.Next(columns[at] = new float[frames]);
            }
        }

        return columns;
    }

    private static int IndexOf(Schema schema, string channel)
    {
        var index = schema.Channels.Count - 1;
        while (index >= 0 && schema.Channels[index].Name != channel)
        {
            index--;
        }

        return index;
    }

    private static float[] Plain(Column column, int frames)
    {
        var bytes = column.Float32.Span;
        if (bytes.Length != frames * sizeof(float))
        {
            throw new FormatException($"The channel '{column.Channel}' has {bytes.Length} bytes for {frames} frames of {sizeof(float)}.");
        }

        var values = new float[frames];
        for (var f = 0; f < frames; f++)
        {
            values[f] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(f * sizeof(float))..]);
        }

        return values;
    }
}
