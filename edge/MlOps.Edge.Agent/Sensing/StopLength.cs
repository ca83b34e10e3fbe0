namespace MlOps.Edge.Agent.Sensing;

/// <summary>
/// How many frames of a machine passed between the last one that was committed and the one that is sampled now, neither counted: those that
/// were sampled and not yet committed when the agent ended, and those of the time in which it did not run. No age is given twice.
/// </summary>
internal sealed class StopLength(AgentOptions options, TimeProvider clock)
{
    /// <summary>
    /// As many as the clock says have passed. One that stands before the last commit cannot be believed, and of an older agent's file the time
    /// is not known: then as many as a commit interval has, the most that were lost in memory. One that is ahead by more than
    /// <see cref="SensingOptions.LongestStop"/> is not believed beyond that.
    /// </summary>
    public long FramesSince(ResumePoint last, TimeSpan sampleInterval)
    {
        if (last.Time is not { } time || clock.GetUtcNow() - time is var passed && passed < TimeSpan.Zero)
        {
            return Math.Min(options.Outbox.BatchFrames, (long)Math.Ceiling(options.Outbox.LongestBatchAge / sampleInterval));
        }

        var believed = passed < options.Sensing.LongestStop ? passed : options.Sensing.LongestStop;
        return Math.Max(0, (long)Math.Round(believed / sampleInterval) - 1);
    }
}
