using Spectre.Console;

namespace MlOps.Edge.Cli.Output;

/// <summary>The colour of a word of the API's: good, bad, under way. It only repeats what the word says.</summary>
internal static class StateColour
{
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style UnderWay = new(Color.Yellow);

    public static Style Of(string word) => word switch
    {
        "online" or "succeeded" or "finished" or "passed" or "no-drift" or "monitoring" or "yes" => Good,
        "failed" or "rejected" or "rolled-back" or "timed-out" or "aborted" or "drift" or "no" => Bad,
        "offline" or "paused" or "pending" or "downloading" or "verifying" or "shadow" or "probation" or "running" or "soaking" or "possible-drift"
            or "insufficient-data" or "training" or "gathering" or "rolling-out" or "waiting-for-approval" => UnderWay,
        _ => Style.Plain,
    };
}
