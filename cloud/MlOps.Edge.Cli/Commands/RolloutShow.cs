using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class RolloutShow
{
    private static readonly Column[] WaveColumns =
    [
        new("WAVE", ColumnKind.Number), new("MODE", ColumnKind.Word), new("STATE", ColumnKind.State), new("DEVICES", ColumnKind.Number), new("OK", ColumnKind.Number), new("FAILED", ColumnKind.Number), new("UNKNOWN", ColumnKind.Number),
    ];

    private static readonly Column[] GateColumns = [new("WAVE", ColumnKind.Number), new("GATE", ColumnKind.Word), new("PASSED", ColumnKind.State), new("EVIDENCE")];

    public static Command Create(MlOpsCli cli)
    {
        var id = new Argument<string>("rollout") { Description = "The rollout's id." };
        var verb = new Verb("show", "One rollout: its waves, their gates and evidence", "mlops rollout show turbofan-rul-v2-1f0c9a3e") { id };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync(Route.To($"rollouts/{parsed.GetRequiredValue(id)}"), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.RolloutDocument), screen)));
        return verb;
    }

    public static void Print(RolloutDocument rollout, Screen screen)
    {
        screen.Facts(
            ("rollout", rollout.Id),
            ("model", $"{rollout.Plan.Model}:{rollout.Plan.Version}" + (rollout.PreviousVersion is { } previous ? $" (before: {previous})" : "")),
            ("state", rollout.State),
            ("reason", rollout.Reason),
            ("because", rollout.Plan.Because),
            ("group", rollout.Plan.Group),
            ("started", Show.Time(rollout.Plan.StartedAt)),
            ("ended", rollout.EndedAt is null ? null : Show.Time(rollout.EndedAt)));

        screen.Table(WaveColumns, rollout.Waves.Select(w => new[]
        {
            Show.Count(w.Number), w.Mode, w.State, Show.Count(w.Devices.Length), Show.Count(w.Succeeded), Show.Count(w.Failed), Show.Count(w.Unknown),
        }));
        var evidence = rollout.Waves.SelectMany(w => w.Evidence.Select(e => new[] { Show.Count(w.Number), e.Gate, e.Passed ? "yes" : "no", e.Detail })).ToArray();
        if (evidence.Length > 0)
        {
            screen.Table(GateColumns, evidence);
        }

        if (NextStep(rollout) is { } next)
        {
            screen.Next(next);
        }
    }

    private static string? NextStep(RolloutDocument rollout) => rollout.State switch
    {
        "paused" => $"No further device gets it. 'mlops rollout resume {rollout.Id} --reason ...' goes on, 'abort' gives the previous version back.",
        "running" => $"It goes on by itself as the fleet's data come in. 'mlops rollout pause {rollout.Id} --reason ...' holds it.",
        "aborted" => "Devices that were touched have their previous version back. The reason above says why.",
        _ => null,
    };
}
