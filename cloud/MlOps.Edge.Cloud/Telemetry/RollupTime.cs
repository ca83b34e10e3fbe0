namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Where the intervals and the chunks of a rollup begin; all in Unix milliseconds.</summary>
internal static class RollupTime
{
    /// <summary>Rows in a whole chunk: a quarter of an hour of minutes, a day of hours.</summary>
    public static int Rows(RollupInterval interval) => interval == RollupInterval.Minute ? 15 : 24;

    public static long ChunkOf(RollupInterval interval, long ms) => Floor(ms, (long)interval * Rows(interval));

    public static long RowOf(RollupInterval interval, long ms) => Floor(ms, (long)interval);

    // Times before 1970 do not occur; they are refused at the door.
    private static long Floor(long ms, long step) => ms - ms % step;
}
