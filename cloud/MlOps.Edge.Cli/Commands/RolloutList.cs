using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class RolloutList
{
    private static readonly Column[] Columns =
        [new("ROLLOUT", ColumnKind.Word), new("MODEL", ColumnKind.Word, Spare: true), new("STATE", ColumnKind.State), new("WAVES", ColumnKind.Word), new("REASON")];

    public static Command Create(MlOpsCli cli)
    {
        var model = new Option<string?>("--model") { Description = "Only rollouts of this model.", HelpName = "name" };
        var verb = new Verb("list", "Rollouts, oldest first", "mlops rollout list", "mlops rollout list --model turbofan-rul") { model };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync("rollouts".WithQuery(("model", parsed.GetValue(model))), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.RolloutDocumentArray), screen)));
        return verb;
    }

    private static void Print(RolloutDocument[] rollouts, Screen screen)
    {
        if (rollouts.Length == 0)
        {
            screen.Line("No rollout yet.");
            screen.Next("'mlops rollout start <model> <version>' starts one.");
            return;
        }

        screen.Table(Columns, rollouts.Select(r => new[]
        {
            r.Id, $"{r.Plan.Model}:{r.Plan.Version}", r.State, $"{r.Waves.Count(w => w.State == "passed")}/{r.Waves.Length}", r.Reason,
        }));
    }
}
