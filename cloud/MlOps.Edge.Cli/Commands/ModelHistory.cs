using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelHistory
{
    private static readonly Column[] Columns = [new("#", ColumnKind.Number), new("AT", ColumnKind.Word), new("WHAT", ColumnKind.Word), new("DETAILS")];

    public static Command Create(MlOpsCli cli)
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var after = new Option<long>("--after") { Description = "Only events after this position.", HelpName = "position" };
        var limit = new Option<int>("--limit") { Description = "At most so many, up to 1000.", HelpName = "count", DefaultValueFactory = _ => 100 };
        var verb = new Verb("history", "What happened to a model, in the order in which it was recorded", "mlops model history turbofan-rul", "mlops model history turbofan-rul --after 100") { name, after, limit };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync(
                Route.To($"models/{parsed.GetRequiredValue(name)}/history").WithQuery(
                    ("after", parsed.GetValue(after).ToString(CultureInfo.InvariantCulture)), ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture))),
                cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.LogPageDocument), parsed.GetValue(limit), screen)));
        return verb;
    }

    private static void Print(LogPageDocument page, int limit, Screen screen)
    {
        if (page.Events.Length == 0)
        {
            screen.Line("Nothing (more) has happened.");
            return;
        }

        screen.Table(Columns, page.Events.Select(e => new[] { Show.Count(e.Position), Show.Time(e.At), e.Kind, Details(e.Data) }));
        if (page.Events.Length == limit)
        {
            screen.Next($"There may be more: --after {page.Next}");
        }
    }

    private static string Details(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object ? string.Join(", ", data.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).Select(p => $"{p.Name}: {p.Value}")) : data.ToString();
}
