namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>
/// float32 values that are decimals, as a sensor with a resolution gives them: value = n / 10^scale for an integer n.
/// A value counts as one only if its very bits come back. The idea is ALP's (Afroozeh, Kuffó, Boncz, "ALP: Adaptive
/// Lossless floating-Point Compression", SIGMOD 2024), here for binary32 and with one exponent.
/// </summary>
internal static class DecimalForm
{
    public const int MaxScale = 10;

    // An integer beyond this is no shorter than its float.
    private const long MaxInteger = 1L << 31;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

    public static bool TryEncode(float value, int scale, out long integer)
    {
        var scaled = Math.Round(value * Powers[scale]);
        integer = Math.Abs(scaled) <= MaxInteger ? (long)scaled : 0;
        return IsExact(value, integer, scale);
    }

    public static bool IsExact(float value, long integer, int scale) =>
        BitConverter.SingleToInt32Bits(Decode(integer, scale)) == BitConverter.SingleToInt32Bits(value);

    public static float Decode(long integer, int scale) => (float)(integer / Powers[scale]);

    /// <summary>The smallest scale of which the most of some values are decimals.</summary>
    public static int FindScale(ReadOnlySpan<float> values)
    {
        var (best, most) = (0, -1);
        for (var scale = 0; scale <= MaxScale && most < values.Length; scale++)
        {
            var count = 0;
            foreach (var value in values)
            {
                count += TryEncode(value, scale, out _) ? 1 : 0;
            }

            if (count > most)
            {
                (best, most) = (scale, count);
            }
        }

        return best;
    }
}
