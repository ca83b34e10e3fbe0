using System.CommandLine;
using System.Globalization;
using System.Net;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelReissue
{
    public static Command Create(MlOpsCli cli)
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var version = new Argument<int>("version") { Description = "The older version whose file is wanted back." };
        var reason = new Option<string>("--reason") { Description = "Why; it stands in the model's history.", HelpName = "text", Required = true };
        var by = new Option<string>("--by") { Description = "Who asks for it. Default: the user of this terminal.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var verb = new Verb(
            "reissue", "Sign an older version's file again, as the newest version, for devices that never ran it",
            "mlops model reissue turbofan-rul 1 --reason \"version 2 is blind to worn seals\"")
        {
            name, version, reason, by,
        };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.PostAsync(
                Route.To($"models/{parsed.GetRequiredValue(name)}/versions/{parsed.GetRequiredValue(version).ToString(CultureInfo.InvariantCulture)}/") + "reissue",
                new(parsed.GetRequiredValue(by), parsed.GetRequiredValue(reason)), CloudJson.Default.CommandOrder, cancellationToken),
            (answer, screen) =>
            {
                var made = answer.As(CloudJson.Default.VersionDocument);
                if (answer.Status != HttpStatusCode.Created)
                {
                    screen.Line($"Nothing was signed: version {Show.Count(made.Version)} is the newest, and has this file already.");
                }

                screen.Facts(("model", parsed.GetRequiredValue(name)), ("version", Show.Count(made.Version)), ("file of", Show.Count(made.ReissueOf ?? made.Version)), ("onnx", Show.Digest(made.Onnx)));
                screen.Next($"'mlops rollout start {parsed.GetRequiredValue(name)} {made.Version}' rolls it out.");
            }));
        return verb;
    }
}
