using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>When the rows of a summary begin.</summary>
internal static class SummaryTimes
{
    /// <returns>Unix milliseconds, one for each row.</returns>
    public static IEnumerable<long> Of(Summary summary)
    {
        var time = summary.FirstTimeMs;
        for (var row = 0; row < summary.Frames.Count; row++)
        {
            time += row == 0 ? 0 : (long)summary.IntervalMs * (summary.Steps.Count == 0 ? 1 : summary.Steps[row - 1]);
            yield return time;
        }
    }
}
