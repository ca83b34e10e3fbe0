using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

/// <summary>pause, resume, abort: one order, three words.</summary>
internal static class RolloutOrders
{
    public static Command Pause(MlOpsCli cli) => Create(cli, "pause", "Give no further device the new version until it is resumed");

    public static Command Resume(MlOpsCli cli) => Create(cli, "resume", "Go on after a pause");

    public static Command Abort(MlOpsCli cli) => Create(cli, "abort", "Stop, and give every device that was touched its previous version back");

    private static Verb Create(MlOpsCli cli, string word, string description)
    {
        var id = new Argument<string>("rollout") { Description = "The rollout's id." };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the rollout's history.", HelpName = "text", Required = true };
        var by = new Option<string>("--by") { Description = "Who asks for it. Default: the user of this terminal.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var verb = new Verb(word, description, $"mlops rollout {word} turbofan-rul-v2-1f0c9a3e --reason \"bearing noise in hall 2\"") { id, reason, by };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.PostAsync(
                Route.To($"rollouts/{parsed.GetRequiredValue(id)}/") + word, new(parsed.GetRequiredValue(by), parsed.GetRequiredValue(reason)), CloudJson.Default.CommandOrder, cancellationToken),
            (answer, screen) => RolloutShow.Print(answer.As(CloudJson.Default.RolloutDocument), screen)));
        return verb;
    }
}
