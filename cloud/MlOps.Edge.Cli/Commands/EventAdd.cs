using System.CommandLine;
using System.Net;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class EventAdd
{
    public static Command Create(MlOpsCli cli)
    {
        var asset = new Argument<string>("asset") { Description = "The machine's id." };
        var kind = new Option<string>("--kind") { Description = "failure: it failed; replaced: on schedule, before it failed; inspected: looked at and left in place; sensor-repaired: a sensor was replaced or calibrated.", HelpName = "failure|replaced|inspected|sensor-repaired", Required = true };
        kind.CompletionSources.Add("failure", "replaced", "inspected", "sensor-repaired");
        kind.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("failure" or "replaced" or "inspected" or "sensor-repaired") and var other }])
            {
                result.AddError($"--kind is failure, replaced, inspected or sensor-repaired, not '{other}'.");
            }
        });
        var installation = new Option<int?>("--installation") { Description = "Which installation of the asset. Default: the newest.", HelpName = "number" };
        var frame = new Option<long?>("--frame") { Description = "The last frame it lived. Default: from --at, or else the last stored one.", HelpName = "number" };
        var at = new Option<DateTimeOffset?>("--at") { Description = "When, RFC 3339.", HelpName = "time" };
        var note = new Option<string?>("--note") { Description = "What was found.", HelpName = "text" };
        var by = new Option<string>("--by") { Description = "Who records it. Default: the user of this terminal.", HelpName = "name", DefaultValueFactory = _ => Environment.UserName };
        var id = new Option<string?>("--id") { Description = "Names the event, so that a repeat is recognised. Default: made from unit, kind and frame.", HelpName = "id" };
        var verb = new Verb(
            "add", "Record what maintenance did or found: these are the labels that models learn from",
            "mlops event add pump-07 --kind failure --note \"bearing seized\"",
            "mlops event add pump-07 --kind replaced --installation 2 --frame 412 --id wo-1138")
        {
            asset, kind, installation, frame, at, note, by, id,
        };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.PostAsync(
                "events",
                new EventOrder(
                    parsed.GetValue(id), parsed.GetRequiredValue(asset), parsed.GetValue(installation), parsed.GetRequiredValue(kind), parsed.GetValue(frame), parsed.GetValue(at),
                    parsed.GetValue(note), parsed.GetValue(by)),
                CloudJson.Default.EventOrder, cancellationToken),
            (answer, screen) =>
            {
                var e = answer.As(CloudJson.Default.EventDocument);
                screen.Line(answer.Status == HttpStatusCode.Created ? "Recorded." : "It was recorded already.");
                screen.Facts(
                    ("event", e.Id), ("unit", $"{e.Asset}#{e.Installation}"), ("kind", e.Kind), ("frame", Show.Count(e.Frame)), ("at", Show.Time(e.At)), ("note", e.Note), ("by", e.RecordedBy));
            }));
        return verb;
    }
}
