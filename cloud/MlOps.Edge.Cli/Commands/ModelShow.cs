using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelShow
{
    private static readonly Column[] VersionColumns =
    [
        new("VERSION", ColumnKind.Number), new("ALIAS", ColumnKind.Word), new("TRAINER", ColumnKind.Word), new("SIZE", ColumnKind.Word),
        new("ONNX", ColumnKind.Word, Spare: true), new("FROM", ColumnKind.Number, Spare: true), new("REGISTERED", ColumnKind.Word),
    ];

    private static readonly Column[] MetricColumns = [new("VERSION", ColumnKind.Number), new("METRIC", ColumnKind.Word), new("VALUE", ColumnKind.Number)];

    public static Command Create(MlOpsCli cli)
    {
        var name = new Argument<string>("model") { Description = "The model's name." };
        var verb = new Verb("show", "One model: its definition, versions, aliases and metrics", "mlops model show turbofan-rul", "mlops model show turbofan-rul -o json") { name };
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed,
            cloud => cloud.GetAsync(Route.To($"models/{parsed.GetRequiredValue(name)}"), cancellationToken),
            (answer, screen) => Print(answer.As(CloudJson.Default.ModelDocument), screen)));
        return verb;
    }

    public static void Print(ModelDocument model, Screen screen)
    {
        var d = model.Definition;
        screen.Facts(
            ("model", model.Name),
            ("machine kind", d.MachineKind),
            ("window", $"{d.Window} frames of {d.Channels.Count} channels, every {d.SampleInterval:g}; a prediction each {(d.Stride == 1 ? "frame" : $"{d.Stride} frames")}"),
            ("channels", Show.List([.. d.Channels.Select(c => c.Unit == "1" ? c.Name : $"{c.Name} [{c.Unit}]")])),
            ("rul cap", Show.Number(d.RulCap)),
            ("coverage", Show.Percent(d.Coverage)));

        if (model.Versions.Length == 0)
        {
            screen.Next($"It has no version yet. 'mlops model train {model.Name}' takes it into the loop.");
            return;
        }

        screen.Title("Versions");
        screen.Table(VersionColumns, model.Versions.Select(v => new[]
        {
            Show.Count(v.Version), Show.List([.. model.Aliases.Where(a => a.Value == v.Version).Select(a => a.Key)]), v.Trainer, Show.Bytes(v.Size), Show.Digest(v.Onnx),
            v.Parent is { } parent ? Show.Count(parent) : Show.Nothing, Show.Time(v.RegisteredAt),
        }));
        screen.Title("Metrics on held-out units");
        screen.Table(MetricColumns, model.Versions.SelectMany(v => v.Metrics.Select(m => new[] { Show.Count(v.Version), m.Key, Show.Number(m.Value) })));
    }
}
