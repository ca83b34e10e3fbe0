using MlOps.Edge.Cli.Cloud;

namespace MlOps.Edge.Cli.Commands;

/// <summary>Waits for the end of a rollout and tells each change on the way.</summary>
internal sealed class RolloutWait(MlOpsCli cli, CloudClient cloud)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <returns>The rollout's last document, and the exit code it deserves.</returns>
    public async Task<(CloudAnswer Answer, int ExitCode)> UntilEndedAsync(CloudAnswer answer, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var began = cli.Time.GetTimestamp();
        var told = "";
        while (true)
        {
            var rollout = answer.As(CloudJson.Default.RolloutDocument);
            if (Describe(rollout) is var line && line != told)
            {
                await cli.Progress.WriteLineAsync(line);
                told = line;
            }

            if (rollout.State is "finished" or "aborted")
            {
                var good = rollout.State == "finished" && rollout.Waves.All(w => w.State != "failed");
                return (answer, good ? ExitCode.Ok : ExitCode.WaitedFailed);
            }

            if (cli.Time.GetElapsedTime(began) >= atMost)
            {
                await cli.Progress.WriteLineAsync($"error: not finished after {atMost:c}; the rollout goes on ('mlops rollout show {rollout.Id}').");
                return (answer, ExitCode.Timeout);
            }

            await Task.Delay(Interval, cli.Time, cancellationToken);
            answer = await cloud.GetAsync(Route.To($"rollouts/{rollout.Id}"), cancellationToken);
        }
    }

    private static string Describe(RolloutDocument rollout)
    {
        var wave = rollout.Waves.LastOrDefault(w => w.State != "scheduled");
        var where = wave is null ? "" : $", wave {wave.Number} of {rollout.Waves.Length} ({wave.Mode}) {wave.State}: {wave.Succeeded} ok, {wave.Failed} failed, {wave.Unknown} unknown";
        return $"{rollout.Id} {rollout.State}{where}{(rollout.Reason.Length > 0 ? $" - {rollout.Reason}" : "")}";
    }
}
