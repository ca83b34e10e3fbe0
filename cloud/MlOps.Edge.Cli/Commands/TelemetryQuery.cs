using System.CommandLine;
using System.Globalization;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class TelemetryQuery
{
    public static Command Create(MlOpsCli cli)
    {
        var (units, span) = (new UnitOptions(), new SpanOptions("last-1h"));
        var resolution = new Option<string?>("--resolution")
        {
            Description = "auto is the finest that gives at most --max-points. Default: auto.",
            HelpName = "auto|raw|minute|hour",
        };
        var maxPoints = new Option<int?>("--max-points") { Description = "What auto aims at, for each channel of a unit. Default: 2000.", HelpName = "count" };
        var verb = new Verb(
            "query", "Readings of a span of time: frames, or the mean, least and greatest values of minutes or hours (also -o csv)",
            "mlops telemetry query pump-07 --from last-1h", "mlops telemetry query --group hall-2 --channels vibration_rms --from -7d --resolution hour -o csv")
        {
            HasCsv = true,
        };
        units.AddTo(verb);
        span.AddTo(verb);
        verb.Add(resolution);
        verb.Add(maxPoints);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var path = "telemetry/range".WithQuery(
                [.. units.Query(parsed), .. span.Query(parsed), ("resolution", parsed.GetValue(resolution)), ("maxPoints", parsed.GetValue(maxPoints)?.ToString(CultureInfo.InvariantCulture)),
                    ("format", parsed.GetValue(Options.Output) == OutputFormat.Csv ? "csv" : null)]);
            if (parsed.GetValue(Options.Output) != OutputFormat.Csv)
            {
                return await cli.ShowAsync(parsed, cloud => cloud.GetAsync(path, cancellationToken), (answer, screen) => Print(answer.As(CloudJson.Default.RangeDocument), screen));
            }

            using var cloud = cli.Connect(parsed);
            await foreach (var line in cloud.ReadLinesAsync(path, cancellationToken))
            {
                await cli.Output.WriteAsync($"{line}\n");
            }

            return ExitCode.Ok;
        });
        return verb;
    }

    private static void Print(RangeDocument range, Screen screen)
    {
        var raw = range.Resolution == "raw";
        Column[] columns = [new("TIME", ColumnKind.Word), new("UNIT", ColumnKind.Word), new(raw ? "FRAME" : "FRAMES", ColumnKind.Number), .. range.Channels.Select(c => new Column(Head(c), ColumnKind.Number, Spare: true))];
        var rows = range.Pages.SelectMany(page => page.Times.Select((time, row) => (string[])
        [
            Show.Moment(time), $"{page.Asset}#{page.Installation}", Show.Count((page.Frames ?? page.Counts)![row]),
            .. range.Channels.Select(c => raw ? Show.Reading(page.Values![c.Name][row]) : Interval(page, c.Name, row)),
        ])).ToArray();
        if (rows.Length > 0)
        {
            screen.Table(columns, rows);
        }

        var what = raw ? "frames" : $"{range.Resolution}s{(rows.Length > 0 ? ", each as mean [least…greatest]" : "")}";
        screen.Line($"{rows.Length} {what}, from {Show.Time(range.From)} to {Show.Time(range.To)}.");
        if (range.Gaps.Length > 0)
        {
            screen.Next($"{range.Gaps.Length} gaps may touch this span: 'mlops telemetry gaps' shows them.");
        }
    }

    private static string Head(ChannelNameDocument channel) => channel.Unit is "" or "1" ? channel.Name : $"{channel.Name} [{channel.Unit}]";

    private static string Interval(PageDocument page, string channel, int row) => page.Mean![channel][row] is { } mean
        ? $"{Show.Number(mean)} [{Show.Number(page.Least![channel][row] ?? double.NaN)}…{Show.Number(page.Greatest![channel][row] ?? double.NaN)}]"
        : Show.Nothing;
}
