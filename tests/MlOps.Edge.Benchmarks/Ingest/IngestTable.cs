using System.Globalization;
using MlOps.Edge.Benchmarks.Figures;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Ingest;

/// <summary>The cases of <c>ingest</c> for people: the cloud above its peers, then each limit.</summary>
internal static class IngestTable
{
    public static void Write(IAnsiConsole console, Machine machine, IReadOnlyList<CaseFigures> cases)
    {
        console.WriteLine(machine.ToString());
        console.WriteLine(Report.SignalText);
        foreach (var figures in cases)
        {
            console.WriteLine();
            console.WriteLine($"Case {figures.Case}: {figures.Load}");
            var table = new Table().Border(TableBorder.Simple);
            foreach (var name in (string[])["system", "readings/s", "CPU s/million", "bytes/reading", "compacted", "p50 ms", "p99 ms", "peak MB"])
            {
                table.AddColumn(name, column => column.NoWrap());
            }

            table.AddRow(
                "MlOps.Edge", Whole(figures.ReadingsPerSecond), Three(figures.CpuSecondsPerMillion), Two(figures.BytesPerReadingAsIngested), Two(figures.BytesPerReading),
                Two(figures.P50Ms), Two(figures.P99Ms), Whole(figures.PeakMemoryBytes / 1e6));
            foreach (var peer in figures.Peers)
            {
                table.AddRow(peer.Skipped is null
                    ? [peer.Name, Whole(peer.ReadingsPerSecond), Three(peer.CpuSecondsPerMillion), Two(peer.BytesPerReading), "", "", "", Whole(peer.PeakMemoryBytes / 1e6)]
                    : [peer.Name, "skipped", "", "", "", "", "", ""]);
            }

            console.Write(table);
            foreach (var peer in figures.Peers.Where(peer => peer.Skipped is not null))
            {
                console.WriteLine($"  {peer.Name} skipped: {peer.Skipped}");
            }

            console.WriteLine(FormattableString.Invariant(
                $"  {figures.ReadingsVerified} readings found in the store, each once and as published. The generator took {figures.GeneratorCpuSecondsPerMillion:0.000} CPU s per million beside it; rollups and compaction {figures.UpkeepCpuSecondsPerMillion:0.000}, and the rollups {figures.RollupBytesPerReading:0.00} bytes a reading."));
            foreach (var limit in figures.Limits)
            {
                console.WriteLine($"  {(limit.Held ? "held  " : "missed")} {limit.What}: {Three(limit.Value)}, {(limit.AtMost is { } most ? $"at most {Three(most)}" : $"at least {Three(limit.AtLeast)}")}");
            }
        }
    }

    private static string Whole(double? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private static string Two(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";

    private static string Three(double? value) => value is >= 1000 ? Whole(value) : value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
