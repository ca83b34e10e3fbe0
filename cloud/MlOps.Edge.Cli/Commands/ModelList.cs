using System.CommandLine;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class ModelList
{
    private static readonly Column[] Columns =
        [new("MODEL", ColumnKind.Word), new("MACHINE KIND"), new("VERSIONS", ColumnKind.Number), new("CHAMPION", ColumnKind.Number), new("CHALLENGER", ColumnKind.Number)];

    public static Command Create(MlOpsCli cli)
    {
        var verb = new Verb("list", "Models by name", "mlops model list");
        verb.SetAction((parsed, cancellationToken) => cli.ShowAsync(
            parsed, cloud => cloud.GetAsync("models", cancellationToken), (answer, screen) => Print(answer.As(CloudJson.Default.ModelLineArray), screen)));
        return verb;
    }

    private static void Print(ModelLine[] models, Screen screen)
    {
        if (models.Length == 0)
        {
            screen.Line("No model yet.");
            screen.Next("'mlops model define --file model.json' defines one.");
            return;
        }

        screen.Table(Columns, models.Select(m => new[] { m.Name, m.MachineKind, Show.Count(m.Versions), Alias(m, "champion"), Alias(m, "challenger") }));
    }

    private static string Alias(ModelLine model, string alias) => model.Aliases.TryGetValue(alias, out var version) ? Show.Count(version) : Show.Nothing;
}
