using System.Globalization;
using MlOps.Edge.Benchmarks.Figures;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>The figures of <c>agent</c> for people.</summary>
internal static class AgentTable
{
    public static void Write(IAnsiConsole console, Machine machine, AgentFigures busy, FootprintFigures idle, IReadOnlyList<AgentPeer> peers, IReadOnlyList<Limit> limits)
    {
        console.WriteLine(machine.ToString());
        console.WriteLine(FormattableString.Invariant($"24 channels at 1 Hz over plain TCP, a model of {busy.ModelBytes:N0} bytes; the cloud has {busy.Frames} frames and {busy.Predictions} predictions of the measured stretch."));
        var table = new Table().Border(TableBorder.Simple);
        foreach (var name in (string[])["what", "resident MB", "most MB", "first inference ms", "disk MB", "CPU %"])
        {
            table.AddColumn(name, column => column.NoWrap());
        }

        AddRow(table, "agent", busy);
        AddRow(table, "agent, idle", idle);
        foreach (var peer in peers)
        {
            AddRow(table, peer.Name, peer.Figures);
        }

        console.Write(table);
        foreach (var peer in peers.Where(peer => peer.Skipped is not null))
        {
            console.WriteLine($"  {peer.Name} skipped: {peer.Skipped}");
        }

        WriteMemory(console, "agent", busy.Memory);
        foreach (var peer in peers.Where(peer => peer.Figures is not null))
        {
            WriteMemory(console, peer.Name, peer.Figures!.Memory);
        }

        console.WriteLine($"  on disk: {string.Join(", ", busy.Files.Select(file => FormattableString.Invariant($"{file.Name} {file.Bytes / 1e6:0.00}")))}");
        console.WriteLine($"  starts, ms: {string.Join(", ", busy.StartsMs.Select(start => start.ToString("0", CultureInfo.InvariantCulture)))}");
        foreach (var limit in limits)
        {
            console.WriteLine(FormattableString.Invariant($"  {(limit.Held ? "held  " : "missed")} {limit.What}: {limit.Value:0.00}, at most {limit.AtMost:0.00}"));
        }
    }

    private static void AddRow(Table table, string name, FootprintFigures? figures) => table.AddRow(
        name, Number(figures?.RssMb, "0.0"), Number(figures?.PeakRssMb, "0.0"), Number(figures?.StartMs, "0"), Number(figures?.DiskMb, "0.0"), figures is null ? "skipped" : Number(figures.CpuPercent, "0.00"));

    private static void WriteMemory(IAnsiConsole console, string name, IReadOnlyList<MemoryPart> parts) => console.WriteLine(
        $"  memory of {name}, MB resident (of these in no file): {string.Join(", ", parts.Select(part => FormattableString.Invariant($"{part.What} {part.RssMb:0.0} ({part.AnonymousMb:0.0})")))}");

    private static string Number(double? value, string form) => value?.ToString(form, CultureInfo.InvariantCulture) ?? "";
}
