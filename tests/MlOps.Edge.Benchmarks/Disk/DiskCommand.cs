using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Benchmarks.Store;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary><c>disk</c>: what the store makes of the reference signal and of NASA's engines; no network, no cloud.</summary>
internal static class DiskCommand
{
    private const int Devices = 20;
    private const int BatchFrames = 10;
    private const double MostBytes = 1.6;
    private static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Command Create()
    {
        var readings = new Option<int>("--readings") { Description = "Of the reference signal.", DefaultValueFactory = _ => 2_000_000 };
        var output = Output.Option();
        var command = new Command("disk", "Bytes a reading on disk, of the reference signal and of NASA's C-MAPSS engines.") { readings, output };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(async () =>
        {
            var frames = Math.Max(BatchFrames, Bounds.Within("--readings", parsed.GetValue(readings), 10_000, 1_000_000_000) / Devices / ChannelShape.All.Count);
            List<DiskFigures> cases = [await MeasureAsync("reference", Reference(frames), Schema, cancellationToken)];
            cases.Add(CmapssRows.Find() is { } file
                ? await MeasureAsync("cmapss", CmapssRows.Read(file), CmapssRows.Schema, cancellationToken)
                : new("cmapss") { Skipped = $"there is no {CmapssRows.FileName} in MLOPS_DATA or in shared/data beside the repository" });
            Output.Of(parsed, output).Write(new { machine = Machine.Read(), noise_bits_per_reading = NoiseEntropy.OfReference, cases }, console => Write(console, cases));
        }));
        return command;
    }

    private static Schema Schema { get; } = new() { Channels = { ChannelShape.All.Select(c => new SchemaChannel { Name = c.Name, Unit = c.Unit }) } };

    // One machine after the other: its columns, each channel's values from its first frame to its last.
    private static IEnumerable<float[][]> Reference(int frames)
    {
        var signal = new ReferenceSignal(seed: 1);
        for (var device = 0; device < Devices; device++)
        {
            yield return [.. Enumerable.Range(0, ChannelShape.All.Count).Select(c =>
                Enumerable.Range(0, frames).Select(f => signal.Take(c, ReferenceSignal.OffsetOf(device) + f, 1).Span[0]).ToArray())];
        }
    }

    private static async Task<DiskFigures> MeasureAsync(string name, IEnumerable<float[][]> machines, Schema schema, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        var readings = 0L;
        await using var measured = new SqliteMeasuredStore(folder.Path);
        await using (var services = measured.Open(readOnly: false))
        {
            var store = services.GetRequiredService<ITelemetryStore>();
            foreach (var (number, columns) in machines.Index())
            {
                var records = new SignalRecords(FormattableString.Invariant($"{name}-{number:000}"), schema, 1000, Began);
                List<Task> appended = [];
                for (var f = 0; f < columns[0].Length; f += BatchFrames)
                {
                    var frames = Math.Min(BatchFrames, columns[0].Length - f);
                    appended.Add(store.AppendAsync(records.Next([.. columns.Select(column => (ReadOnlyMemory<float>)column.AsMemory(f, frames))]), cancellationToken));
                    readings += frames * columns.Length;
                }

                await Task.WhenAll(appended);
            }
        }

        var ingested = await measured.InUseAsync(cancellationToken);
        await Upkeep.RunAsync(measured, cancellationToken);
        var compacted = await measured.VacuumedAsync(cancellationToken);
        var bytes = (double)compacted.Readings / readings;
        return new(name)
        {
            Readings = readings,
            BytesPerReadingAsIngested = (double)ingested / readings,
            BytesPerReading = bytes,
            RollupBytesPerReading = (double)compacted.Rollups / readings,
            Limits = [new("bytes a reading after compaction", bytes, AtMost: MostBytes)],
        };
    }

    private static void Write(IAnsiConsole console, IReadOnlyList<DiskFigures> cases)
    {
        console.WriteLine(Report.SignalText);
        var table = new Table().Border(TableBorder.Simple).AddColumns("case", "readings", "bytes/reading", "compacted", "rollups", "limit");
        foreach (var figures in cases)
        {
            table.AddRow(figures.Skipped is null
                ? [figures.Case, FormattableString.Invariant($"{figures.Readings:N0}"), Two(figures.BytesPerReadingAsIngested), Two(figures.BytesPerReading), Two(figures.RollupBytesPerReading),
                    FormattableString.Invariant($"{MostBytes} {(figures.Limits[0].Held ? "held" : "missed")}")]
                : [figures.Case, "skipped", "", "", "", figures.Skipped]);
        }

        console.Write(table);
    }

    private static string Two(double? value) => FormattableString.Invariant($"{value:0.00}");
}

/// <summary>What a signal takes on disk.</summary>
internal sealed record DiskFigures(string Case)
{
    public long Readings { get; init; }

    public double? BytesPerReadingAsIngested { get; init; }

    /// <summary>After compaction.</summary>
    public double? BytesPerReading { get; init; }

    public double? RollupBytesPerReading { get; init; }

    public IReadOnlyList<Limit> Limits { get; init; } = [];

    public string? Skipped { get; init; }
}
