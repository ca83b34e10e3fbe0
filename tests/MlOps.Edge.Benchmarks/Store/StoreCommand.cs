using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Store;

/// <summary><c>store</c>: how long queries take on a store with many readings, asked again and asked first.</summary>
internal static class StoreCommand
{
    private const int ColdRuns = 3;
    private const int WarmRuns = 20;

    public static Command Create()
    {
        var readings = new Option<long>("--readings") { Description = "How many the store is filled with, about; the whole case is 100000000.", DefaultValueFactory = _ => 10_000_000 };
        var devices = new Option<int>("--devices") { Description = "Over which they are spread.", DefaultValueFactory = _ => 10_000 };
        var output = Output.Option();
        var command = new Command("store", "Queries on a store with many readings: warm, and cold.") { readings, devices, output };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() => RunAsync(
            Bounds.Within("--readings", parsed.GetValue(readings), 1_000_000, 1_000_000_000), Bounds.Within("--devices", parsed.GetValue(devices), 10, 100_000), Output.Of(parsed, output), cancellationToken)));
        return command;
    }

    private static async Task RunAsync(long readings, int devices, Report report, CancellationToken cancellationToken)
    {
        var machine = Machine.Read();
        using var folder = new WorkFolder();
        var (stored, filled) = await FillAsync(folder.Path, readings, devices, cancellationToken);
        List<QueryFigures> cases = [];
        foreach (var query in StoreQuery.All)
        {
            cases.Add(await MeasureAsync(folder.Path, query, devices, cancellationToken));
        }

        var bytes = WorkFolder.SizeOf(folder.Path);
        report.Write(
            new { machine, readings = stored, devices, fill_seconds = filled.TotalSeconds, file_bytes = bytes, cases },
            console =>
            {
                console.WriteLine(machine.ToString());
                console.WriteLine(FormattableString.Invariant($"{stored:N0} readings of {devices:N0} devices, {bytes / 1e6:N0} MB with rollups; filled and rolled up in {filled.TotalSeconds:0} s"));
                var table = new Table().Border(TableBorder.Simple).AddColumns("query", "warm p50 ms", "warm worst ms", "cold ms");
                cases.ForEach(query => table.AddRow(query.Text, Ms(query.WarmMs), Ms(query.WarmWorstMs), Ms(query.ColdMs)));
                console.Write(table);
                console.WriteLine("Warm: the middle and the worst of 20 in a cloud that has the store open. Cold: the middle of 3, each the first after the store was opened, nothing of it cached.");
            });
    }

    private static async Task<(long Stored, TimeSpan Took)> FillAsync(string folder, long readings, int devices, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await using var services = new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
        var stored = await new FilledStore(services.GetRequiredService<ITelemetryStore>(), new ReferenceSignal(seed: 1)).FillAsync(readings, devices, cancellationToken);
        Report.Progress($"{stored} readings are stored; the rollups …");
        await services.GetRequiredService<ITelemetryUpkeep>().RollUpAsync(cancellationToken);
        var totals = await services.GetRequiredService<ITelemetryStore>().CountAsync(cancellationToken);
        return totals.Readings == stored ? (stored, Stopwatch.GetElapsedTime(began)) : throw new BenchmarkException($"{stored} readings were given to the store and it counts {totals.Readings}.");
    }

    private static async Task<QueryFigures> MeasureAsync(string folder, StoreQuery query, int devices, CancellationToken cancellationToken)
    {
        List<double> cold = [];
        for (var run = 0; run < ColdRuns; run++)
        {
            PageCache.Forget(folder);
            await using var fresh = new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
            cold.Add(await AskAsync(fresh, query, devices, cancellationToken));
        }

        await using var services = new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
        await AskAsync(services, query, devices, cancellationToken);
        List<double> warm = [];
        for (var run = 0; run < WarmRuns; run++)
        {
            warm.Add(await AskAsync(services, query, devices, cancellationToken));
        }

        return new(query.Name, query.Text, Percentile.Of([.. warm.Order()], 0.5), warm.Max(), Percentile.Of([.. cold.Order()], 0.5));
    }

    private static async Task<double> AskAsync(ServiceProvider services, StoreQuery query, int devices, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var count = await query.RunAsync(services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<ITelemetryHistory>(), cancellationToken);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return count == query.Expected(devices) ? took : throw new BenchmarkException($"The query '{query.Text}' gave {count} where {query.Expected(devices)} are stored.");
    }

    private static string Ms(double value) => FormattableString.Invariant($"{value:0.0}");
}

/// <summary>How long a query took, milliseconds.</summary>
internal sealed record QueryFigures(string Case, string Text, double WarmMs, double WarmWorstMs, double ColdMs);
