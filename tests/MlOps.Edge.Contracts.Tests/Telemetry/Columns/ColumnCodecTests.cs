using CsCheck;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Contracts.Tests.Telemetry.Columns;

public sealed class ColumnCodecTests
{
    private static readonly Gen<float> AnyBits = Gen.Int.Select(BitConverter.Int32BitsToSingle);
    private static readonly Gen<float> Decimals = Gen.Select(Gen.Int[-2_000_000, 2_000_000], Gen.Int[0, 6]).Select((n, scale) => (float)(n / Math.Pow(10, scale)));

    private static readonly Gen<float> Mixed = Gen.Frequency(
        (20, Decimals), (2, AnyBits), (2, Gen.Const(float.NaN)),
        (1, Gen.OneOf(Array.ConvertAll<float, Gen<float>>([0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, float.MaxValue, BitConverter.Int32BitsToSingle(0x7FC00001)], Gen.Const))));

    [Fact]
    public void Every_bit_of_every_value_comes_back() =>
        Gen.OneOf(Mixed.Array[1, 300], Decimals.Array[1, 300], AnyBits.Array[1, 70], Gen.Const(float.NaN).Array[1, 70]).Array[1, 4]
            .Where(columns => columns.All(c => c.Length == columns[0].Length) || columns.Length == 1)
            .Sample(columns => Assert.Equal(columns.Select(Bits), Round(columns).Select(Bits)), iter: 20_000);

    [Fact]
    public void Columns_follow_one_another_and_the_encoder_can_be_used_again()
    {
        var encoder = new ColumnEncoder();
        float[][] first = [[1, 2, 3], [float.NaN, 5, 5], [7, 7, 7]];
        float[][] second = [[0.25f], [MathF.PI]];

        Assert.Equal(first.Select(Bits), Round(first, encoder).Select(Bits));
        Assert.Equal(second.Select(Bits), Round(second, encoder).Select(Bits));
    }

    [Fact]
    public void A_block_that_outgrows_the_buffer_of_a_new_encoder_loses_nothing()
    {
        // Wherever in a column the buffer becomes too small: the columns take 5, 5 or 9 bytes in turn.
        float[][] kinds = [[7, 7], [1.25f, 1.5f], [MathF.PI, MathF.E]];
        for (var width = 1; width <= 400; width++)
        {
            float[][] columns = [.. Enumerable.Range(0, width).Select(c => kinds[(c + width) % kinds.Length])];

            Assert.Equal(columns.Select(Bits), Round(columns).Select(Bits));
        }
    }

    [Fact]
    public void A_sensor_with_a_resolution_takes_the_bits_of_its_steps()
    {
        // 23.40 ± 0.05 in steps of 0.01: eleven values are four bits of offset, or five of difference.
        float[] values = [.. Enumerable.Range(0, 640).Select(i => (float)((2340 + i * 7 % 11 - 5) / 100.0))];

        var block = new ColumnEncoder().Encode([values]);

        Assert.InRange(block.Length, 640 * 4 / 8, 640 * 4 / 8 + 20);
    }

    [Fact]
    public void No_column_takes_more_than_a_byte_beyond_its_floats() =>
        Mixed.Array[1, 200].Sample(values => Assert.InRange(new ColumnEncoder().Encode([values]).Length, 1, 1 + values.Length * sizeof(float)), iter: 5_000);

    [Fact]
    public void The_worked_example_of_the_documentation()
    {
        float[] temperature = [23.41f, 23.42f, float.NaN, 23.40f];
        float[] speed = [2980, 2980, 2980, 2980];

        var block = new ColumnEncoder().Encode([temperature, speed]);

        Assert.Equal("27" + "04" + "CA24" + "02" + "0E" + "01" + "00403A45", Convert.ToHexString(block));
    }

    [Fact]
    public void Broken_bytes_are_told_and_read_nothing_beyond_them() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[1, 200]).Sample(
            (bytes, rows) =>
            {
                var values = new float[rows];
                var decoder = new ColumnDecoder(bytes, rows);
                try
                {
                    while (!decoder.AtEnd)
                    {
                        decoder.Next(values);
                    }
                }
                catch (FormatException e)
                {
                    Assert.StartsWith("The columns are not readable: ", e.Message, StringComparison.Ordinal);
                }
            },
            iter: 100_000);

    [Fact]
    public void A_block_that_was_cut_is_told_at_every_length()
    {
        var block = new ColumnEncoder().Encode([new float[] { 1.5f, 2.5f, float.NaN, MathF.E, 9 }, new float[] { MathF.PI, 1, MathF.Tau, 3, 2 }]);
        for (var length = 0; length < block.Length; length++)
        {
            var cut = block[..length];
            Assert.Throws<FormatException>(() => Decode(cut, 2, 5));
        }
    }

    private static float[][] Round(float[][] columns, ColumnEncoder? encoder = null) =>
        Decode((encoder ?? new()).Encode(columns.Select(c => new ReadOnlyMemory<float>(c))), columns.Length, columns[0].Length);

    private static float[][] Decode(byte[] block, int columns, int rows)
    {
        var decoder = new ColumnDecoder(block, rows);
        var decoded = new float[columns][];
        for (var i = 0; i < columns; i++)
        {
            decoder.Next(decoded[i] = new float[rows]);
        }

        Assert.True(decoder.AtEnd);
        return decoded;
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
