using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Host.Reporting;
using Spectre.Console;

namespace MlOps.Edge.Host.Demo;

/// <summary>
/// Two looks at a report, neither of which trusts it: every figure worked out again from the store, and the error figures a third
/// time, from the models run again over the stored frames. And a third, at another run of the same seed, where there is one.
/// </summary>
internal sealed class DemoVerification(string folder, string? sameAs)
{
    private const double Tolerance = 1e-6;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var said = Said(folder);
        var truth = PlantTruth.Read(Path.Combine(folder, "plant"));
        await using var services = new ServiceCollection().AddSqliteStores(CloudFolder(folder), readOnly: true).AddSingleton<UnitHistories>().AddLogging().BuildServiceProvider();
        var builder = await ReportBuilder.OpenAsync(
            truth, services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<IMaintenanceLog>(), services.GetRequiredService<IEventLog>(), cancellationToken);
        var worked = builder.Build(said["seconds"]?.GetValue<double>() ?? 0);

        var differences = new List<string>();
        var figures = Compare("", said, JsonNode.Parse(ReportJson.Write(worked))!, differences);
        var checks = new List<VerificationCheck> { new($"{figures} figures of report.json, worked out from the store", differences.Count == 0, differences.Count == 0 ? "all agree" : string.Join("; ", differences.Take(5))) };
        checks.AddRange(Disjoint(worked.Units));
        checks.AddRange(await new ModelReplay(builder, worked, services.GetRequiredService<UnitHistories>(), services.GetRequiredService<IArtifactStore>()).CheckAsync(cancellationToken));

        if (sameAs is not null)
        {
            _ = Said(sameAs);
            checks.AddRange(await SameRun.CheckAsync(CloudFolder(folder), CloudFolder(sameAs), cancellationToken));
        }

        var table = new Table().RoundedBorder().AddColumns("", "check", "found");
        foreach (var check in checks)
        {
            table.AddRow(new Markup(check.Passed ? "[green]✓[/]" : "[red]✗[/]"), new Text(check.What), new Text(check.Found));
        }

        AnsiConsole.Write(table);
        var failed = checks.Count(c => !c.Passed);
        AnsiConsole.WriteLine(failed == 0 ? "The report agrees with the store." : string.Create(CultureInfo.InvariantCulture, $"{failed} of {checks.Count} checks failed."));
        return failed == 0 ? ExitCodes.Ok : ExitCodes.Failure;
    }

    private static string CloudFolder(string folder) => Path.Combine(folder, "cloud");

    private static JsonNode Said(string folder)
    {
        var file = Path.Combine(folder, "report.json");
        if (!File.Exists(file))
        {
            throw new UserErrorException($"'{file}' is missing: give the --out folder of a demo that has ended.", ExitCodes.NotFound);
        }

        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file))!;
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"'{file}' is not readable: {e.Message}", ExitCodes.Usage);
        }
    }

    // Machines that taught or judged are never those that a version is scored on, by the cloud's names and by the source's.
    private static IEnumerable<VerificationCheck> Disjoint(UnitUses uses)
    {
        string Origin(string unit) => uses.Origins.GetValueOrDefault(unit, unit);
        foreach (var (name, a, b) in new[] { ("train and judge", uses.Train, uses.Judge), ("train and score", uses.Train, uses.Score), ("judge and score", uses.Judge, uses.Score) })
        {
            var shared = a.Intersect(b).Concat(a.Select(Origin).Intersect(b.Select(Origin))).ToList();
            yield return new($"no unit is in {name}", shared.Count == 0, shared.Count == 0 ? $"{a.Count} and {b.Count} units" : string.Join(", ", shared));
        }
    }

    private static int Compare(string path, JsonNode? said, JsonNode? worked, List<string> differences)
    {
        switch (said, worked)
        {
            case (JsonObject a, JsonObject b):
                return a.Select(p => p.Key).Union(b.Select(p => p.Key)).Sum(key => Compare($"{path}.{key}", a[key], b[key], differences));
            case (JsonArray a, JsonArray b) when a.Count == b.Count:
                return a.Zip(b).Select((pair, i) => Compare($"{path}[{i}]", pair.First, pair.Second, differences)).Sum();
            case (JsonValue a, JsonValue b) when a.GetValueKind() == JsonValueKind.Number && b.GetValueKind() == JsonValueKind.Number:
                var (x, y) = (a.GetValue<double>(), b.GetValue<double>());
                Note(Math.Abs(x - y) <= Tolerance * Math.Max(1, Math.Abs(x)));
                return 1;
            default:
                Note(JsonNode.DeepEquals(said, worked));
                return 1;
        }

        void Note(bool same)
        {
            if (!same)
            {
                differences.Add($"{path.TrimStart('.')}: the report says {Short(said)}, the store {Short(worked)}");
            }
        }
    }

    private static string Short(JsonNode? node) => node?.ToJsonString() is { } text ? text.Length > 60 ? text[..60] + "…" : text : "nothing";
}

internal sealed record VerificationCheck(string What, bool Passed, string Found);
