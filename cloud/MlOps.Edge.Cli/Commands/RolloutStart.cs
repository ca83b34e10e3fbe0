using System.CommandLine;
using System.Globalization;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class RolloutStart
{
    public static Command Create(MlOpsCli cli)
    {
        var model = new Argument<string>("model") { Description = "The model's name." };
        var version = new Argument<int>("version") { Description = "The version to roll out." };
        var group = new Option<string?>("--group") { Description = "Only this group of devices.", HelpName = "group" };
        var because = new Option<string>("--because") { Description = "Why; it stands in the rollout's history.", HelpName = "text", DefaultValueFactory = _ => "" };
        var waves = new Option<string[]>("--wave")
        {
            Description = "mode:percent:soak:deadline, once per wave; percent of the devices, cumulative. Default: the cloud's waves for the size of the fleet.",
            HelpName = "active:10:2h:6h",
        };
        var wait = new Option<bool>("--wait") { Description = "Wait until it has finished; exit code 6 if it was aborted or a wave failed." };
        var timeout = Options.Duration("--timeout", "With --wait: give up waiting (exit code 7); the rollout goes on.", TimeSpan.FromHours(1));
        var verb = new Verb(
            "start", "Roll a model version out, in waves",
            "mlops rollout start turbofan-rul 2 --wait --timeout 30m",
            "mlops rollout start turbofan-rul 2 --group hall-2 --wave shadow:20:1h:4h --wave active:10:2h:6h --wave active:100:2h:12h")
        {
            model, version, group, because, waves, wait, timeout,
        };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var order = new RolloutOrder(
                parsed.GetRequiredValue(model), parsed.GetRequiredValue(version), parsed.GetValue(waves) is { Length: > 0 } given ? [.. given.Select(Wave)] : null,
                parsed.GetValue(group), parsed.GetValue(because) ?? "");
            using var cloud = cli.Connect(parsed);
            var answer = await cloud.PostAsync("rollouts", order, CloudJson.Default.RolloutOrder, cancellationToken);
            var ended = ExitCode.Ok;
            if (parsed.GetValue(wait))
            {
                (answer, ended) = await new RolloutWait(cli, cloud).UntilEndedAsync(answer, parsed.GetValue(timeout), cancellationToken);
            }

            cli.Show(parsed, answer, (a, screen) => RolloutShow.Print(a.As(CloudJson.Default.RolloutDocument), screen));
            return ended;
        });
        return verb;
    }

    private static WaveOrder Wave(string text) =>
        text.Split(':') is [("shadow" or "active") and var mode, var percent, var soak, var deadline]
        && double.TryParse(percent.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 100
        && Durations.TryParse(soak, out var soaking) && Durations.TryParse(deadline, out var latest)
            ? new(mode, share / 100, soaking.ToString("c"), latest.ToString("c"))
            : throw new CliException(ExitCode.Usage, $"--wave '{text}' is not mode:percent:soak:deadline, e.g. shadow:20:1h:4h or active:100:2h:12h.");
}
