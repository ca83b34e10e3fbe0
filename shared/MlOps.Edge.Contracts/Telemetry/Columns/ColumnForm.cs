namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>How a column is written; the two lowest bits of its first byte.</summary>
internal enum ColumnForm
{
    /// <summary>Four bytes each, little-endian.</summary>
    Raw = 0,

    /// <summary>All alike: the one value.</summary>
    Constant = 1,

    /// <summary>Decimals, each as what it is above the smallest.</summary>
    Offsets = 2,

    /// <summary>Decimals, each as what it is above or below the one before.</summary>
    Deltas = 3,
}

/// <summary>The first byte of a column: its form, what else it has, and the decimals' scale in the upper half.</summary>
internal static class ColumnHeader
{
    public const int FormMask = 0b11;

    /// <summary>A bitmap of the missing values follows.</summary>
    public const int HasMissing = 0b100;

    /// <summary>A list of the values that are no decimals of the scale follows.</summary>
    public const int HasExceptions = 0b1000;

    public const int ScaleShift = 4;

    /// <summary>Values that share a width.</summary>
    public const int GroupSize = 64;

    /// <summary>A value that is not there: the NaN of .NET. Any other NaN is an exception, and comes back as it was.</summary>
    public static readonly int MissingBits = BitConverter.SingleToInt32Bits(float.NaN);

    public static bool IsMissing(float value) => BitConverter.SingleToInt32Bits(value) == MissingBits;
}
