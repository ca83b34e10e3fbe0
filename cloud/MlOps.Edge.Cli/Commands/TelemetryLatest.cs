using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class TelemetryLatest
{
    private static readonly Column[] Columns =
    [
        new("UNIT", ColumnKind.Word), new("DEVICE", ColumnKind.Word, Spare: true), new("FRAME", ColumnKind.Number), new("TIME", ColumnKind.Word),
        new("CHANNEL", ColumnKind.Word), new("VALUE", ColumnKind.Number), new("MEASURE", ColumnKind.Word),
    ];

    public static Command Create(MlOpsCli cli)
    {
        var units = new UnitOptions();
        var verb = new Verb("latest", "The newest values of each unit", "mlops telemetry latest pump-07", "mlops telemetry latest --group hall-2 --channels vibration_rms");
        units.AddTo(verb);
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync("telemetry/latest".WithQuery(units.Query(parsed)), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.LatestDocumentArray), screen)));
        return verb;
    }

    private static void Print(LatestDocument[] latest, Screen screen)
    {
        if (latest.Length == 0)
        {
            screen.Line("Nothing was read yet.");
            return;
        }

        screen.Table(Columns, latest.SelectMany(unit => unit.Channels.Select(channel => new[]
        {
            $"{unit.Asset}#{unit.Installation}", unit.Device, Show.Count(unit.Frame), Show.Time(unit.Time), channel.Name, Show.Reading(channel.Value), channel.Unit,
        })));
    }
}
