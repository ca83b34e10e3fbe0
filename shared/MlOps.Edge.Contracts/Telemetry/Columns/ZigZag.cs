namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>Signed integers as unsigned ones, the small of either sign first: 0, -1, 1, -2, …</summary>
internal static class ZigZag
{
    public static ulong Encode(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long Decode(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
