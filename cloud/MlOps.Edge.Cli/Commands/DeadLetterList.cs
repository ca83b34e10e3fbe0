using System.CommandLine;
using System.Globalization;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DeadLetterList
{
    private const string Path = "telemetry/dead-letters";

    private static readonly Column[] Columns =
        [new("ID", ColumnKind.Number), new("DEVICE", ColumnKind.Word), new("RECEIVED", ColumnKind.Word), new("BYTES", ColumnKind.Number), new("REASON")];

    public static Command Create(MlOpsCli cli)
    {
        var device = new Option<string?>("--device") { Description = "Only this device's.", HelpName = "id" };
        var before = new Option<long?>("--before") { Description = "Only those with a lower id: the next page.", HelpName = "id" };
        var limit = new Option<int?>("--limit") { Description = "At most so many. Default: 100.", HelpName = "count" };
        var verb = new Verb(
            "dead-letters", "Batches that could never be stored, newest first, with the reason", "mlops telemetry dead-letters --device edge-07", "mlops telemetry dead-letters -o json") { device, before, limit };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            async cloud =>
            {
                var answer = await cloud.GetAsync(
                    Path.WithQuery(
                        ("device", parsed.GetValue(device)), ("before", parsed.GetValue(before)?.ToString(CultureInfo.InvariantCulture)),
                        ("limit", parsed.GetValue(limit)?.ToString(CultureInfo.InvariantCulture))),
                    cancellationToken);
                if (parsed.GetValue(device) is { } id && IsEmpty(answer))
                {
                    await RequireAsync(cloud, id, cancellationToken);
                }

                return answer;
            },
            (answer, screen) => Print(answer.As(CloudJson.Default.DeadLetterDocumentArray), screen)));
        return verb;
    }

    /// <summary>The list of a device that nobody knows is empty as well: the list of gaps tells, with 404. Batches that were put aside make one known.</summary>
    private static async Task RequireAsync(CloudClient cloud, string device, CancellationToken cancellationToken)
    {
        if (IsEmpty(await cloud.GetAsync(Path.WithQuery(("device", device), ("limit", "1")), cancellationToken)))
        {
            await cloud.GetAsync("telemetry/gaps".WithQuery(("device", device), ("limit", "1")), cancellationToken);
        }
    }

    private static bool IsEmpty(CloudAnswer answer) => answer.As(CloudJson.Default.DeadLetterDocumentArray).Length == 0;

    private static void Print(DeadLetterDocument[] letters, Screen screen)
    {
        if (letters.Length == 0)
        {
            screen.Line("No dead letter.");
            return;
        }

        screen.Table(Columns, letters.Select(l => new[] { Show.Count(l.Id), l.Device, Show.Time(l.ReceivedAt), Show.Count(l.Bytes), l.Reason }));
        screen.Next($"'mlops telemetry dead-letter {letters[0].Id} --save FILE' fetches one as it came.");
    }
}
