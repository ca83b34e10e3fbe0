using System.CommandLine;
using System.Globalization;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class TelemetryGaps
{
    private static readonly Column[] Columns =
    [
        new("DEVICE", ColumnKind.Word), new("UNIT", ColumnKind.Word), new("MISSING", ColumnKind.Word), new("READINGS", ColumnKind.Number),
        new("FROM", ColumnKind.Word), new("TO", ColumnKind.Word), new("TOLD", ColumnKind.Word, Spare: true), new("REASON"),
    ];

    public static Command Create(MlOpsCli cli)
    {
        var (units, span) = (new UnitOptions(), new SpanOptions("since ever"));
        var limit = new Option<int>("--limit") { Description = "At most so many, up to 1000.", HelpName = "count", DefaultValueFactory = _ => 100 };
        var verb = new Verb("gaps", "What devices said will never come, the newest first", "mlops telemetry gaps", "mlops telemetry gaps --device edge-07 --from -7d") { limit };
        units.AddTo(verb, withChannels: false);
        span.AddTo(verb);
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync(
                "telemetry/gaps".WithQuery([.. units.Query(parsed), .. span.Query(parsed), ("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture))]), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.GapDocumentArray), screen)));
        return verb;
    }

    private static void Print(GapDocument[] gaps, Screen screen)
    {
        if (gaps.Length == 0)
        {
            screen.Line("No device has said that anything is missing.");
            return;
        }

        screen.Table(Columns, gaps.Select(gap => new[]
        {
            gap.Device, gap.Asset is null ? Show.Nothing : $"{gap.Asset}#{gap.Installation}",
            gap.FirstSequence is { } first ? $"batches {first} to {gap.LastSequence}" : $"frames {gap.FirstFrame} to {gap.LastFrame}",
            Show.Count(gap.Readings), Show.Time(gap.FirstTime), Show.Time(gap.LastTime), Show.Time(gap.ReceivedAt), gap.Reason,
        }));
    }
}
