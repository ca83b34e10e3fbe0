using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class DriftShow
{
    private static readonly Column[] ChannelColumns =
        [new("CHANNEL", ColumnKind.Word), new("DETECTOR"), new("SCORE", ColumnKind.Number), new("THRESHOLD", ColumnKind.Number), new("DRIFTS", ColumnKind.Word)];

    private static readonly Column[] DeviceColumns = [new("DEVICE", ColumnKind.Word), new("VERDICT", ColumnKind.State), new("CHANNELS"), new("SINCE", ColumnKind.Word), new("EVIDENCE")];

    private static readonly Column[] FieldColumns =
        [new("VERSION", ColumnKind.Number), new("UNITS", ColumnKind.Number), new("RMSE", ColumnKind.Number), new("COVERAGE", ColumnKind.Number), new("MEAN WIDTH", ColumnKind.Number)];

    public static Command Create(MlOpsCli cli)
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var verb = new Verb("show", "The verdict on a model's field, its evidence, and the field error of each version", "mlops drift show turbofan-rul", "mlops drift show turbofan-rul -o json") { name };
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var model = parsed.GetRequiredValue(name);
            using var cloud = cli.Connect(parsed);
            var drift = await cloud.GetAsync(Route.To($"models/{model}/drift"), cancellationToken);
            var lifecycle = await cloud.GetAsync(Route.To($"models/{model}/lifecycle"), cancellationToken);
            return cli.Show(parsed, drift, (answer, screen) => Print(answer.As(CloudJson.Default.DriftDocument), lifecycle.As(CloudJson.Default.LifecycleDocument), screen));
        });
        return verb;
    }

    private static void Print(DriftDocument drift, LifecycleDocument lifecycle, Screen screen)
    {
        screen.Facts(
            ("model", drift.Version == 0 ? drift.Model : $"{drift.Model}:{drift.Version}"),
            ("verdict", drift.Fleet.Verdict),
            ("cause", drift.Fleet.Cause == "none" ? null : drift.Fleet.Cause),
            ("since", drift.Fleet.Since is null ? null : Show.Time(drift.Fleet.Since)),
            ("channels", drift.Fleet.Channels.Length == 0 ? null : Show.List(drift.Fleet.Channels)),
            ("detector", drift.Fleet.Detector),
            ("evidence", drift.Fleet.Evidence),
            ("data up to", drift.Watermark is null ? null : Show.Time(drift.Watermark)),
            ("false alarms", drift.Version == 0 ? null : $"at most {Show.Percent(drift.FalseAlarmBudget)} by design"));

        if (drift.Devices.Length > 0)
        {
            screen.Title("Devices with a fault of their own");
            screen.Table(DeviceColumns, drift.Devices.Select(d => new[] { Show.List(d.Devices), d.Verdict, Show.List(d.Channels), Show.Time(d.Since), d.Evidence }));
        }

        if (drift.Channels.Length > 0)
        {
            screen.Title("Channels");
            screen.Table(ChannelColumns, drift.Channels.Select(c => new[] { c.Channel, c.Detector, Show.Number(c.Score), Show.Number(c.Threshold), c.Score >= c.Threshold ? "drifts" : "" }));
        }

        if (drift.Field.Length > 0)
        {
            screen.Title("Field error on units that have ended");
            screen.Table(FieldColumns, drift.Field.Select(f => new[] { Show.Count(f.Version), Show.Count(f.Units), Show.Number(f.Rmse), Show.Percent(f.Coverage), Show.Number(f.MeanWidth) }));
        }

        screen.Next(NextStep(drift, lifecycle));
    }

    // The loop is asked too: what is to be done depends on whether the model is in it.
    private static string NextStep(DriftDocument drift, LifecycleDocument lifecycle) => drift switch
    {
        { Version: 0 } when lifecycle.Order is null => $"There is no champion yet, and the model is not in the loop: 'mlops model train {drift.Model}' takes it there.",
        { Version: 0 } => $"There is no champion yet. The loop is {lifecycle.State}: {lifecycle.Reason}. 'mlops model history {drift.Model}' tells what has happened.",
        { Fleet.Verdict: "insufficient-data" } => "More windows are needed before anything can be said. Nothing is to be done.",
        { Fleet.Verdict: "drift" } when lifecycle.Order is null => $"The fleet has moved, and the model is not in the loop: 'mlops model train {drift.Model}' takes it there. 'mlops event add' records what maintenance finds.",
        { Fleet.Verdict: "drift" } => $"The fleet has moved. {drift.LabelledSinceVerdict} failures are labelled since; when there are enough, the loop trains a new version. 'mlops event add' records what maintenance finds.",
        { Fleet.Verdict: "possible-drift" } => "It may be moving; the next windows will tell. Nothing is retrained yet.",
        { Devices.Length: > 0 } => "The fleet is as it was; look at the sensors of the devices above. The model is not retrained for them.",
        _ => "The field is as the model learned it. Nothing is to be done.",
    };
}
