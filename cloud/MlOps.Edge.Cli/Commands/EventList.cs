using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class EventList
{
    private static readonly Column[] Columns =
        [new("UNIT", ColumnKind.Word), new("KIND", ColumnKind.Word), new("FRAME", ColumnKind.Number), new("AT", ColumnKind.Word), new("BY", ColumnKind.Word, Spare: true), new("NOTE")];

    public static Command Create(MlOpsCli cli)
    {
        var asset = new Option<string?>("--asset") { Description = "Only events of this machine.", HelpName = "id" };
        var verb = new Verb("list", "Maintenance events in order", "mlops event list --asset pump-07") { asset };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync("events".WithQuery(("asset", parsed.GetValue(asset))), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.EventDocumentArray), screen)));
        return verb;
    }

    private static void Print(EventDocument[] events, Screen screen)
    {
        if (events.Length == 0)
        {
            screen.Line("Nothing is recorded.");
            screen.Next("'mlops event add <asset> --kind failure' records what maintenance finds.");
            return;
        }

        screen.Table(Columns, events.Select(e => new[]
        {
            $"{e.Asset}#{e.Installation}", e.Kind, Show.Count(e.Frame), Show.Time(e.At), e.RecordedBy ?? Show.Nothing, e.Note ?? Show.Nothing,
        }));
    }
}
