using System.Globalization;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>
/// Anybody's run-to-failure recordings. The header names the columns: <c>unit,cycle</c> and then one cell per channel,
/// <c>name|UCUM unit</c>, with <c>|setting</c> behind it for what is imposed on the machine:
/// <c>unit,cycle,speed_set|/min|setting,flow|m3/h</c>. Rows of a unit stand together, cycles count from 1, the last row is
/// the failure. An empty cell is a missing value. No quotes: there is no text to quote.
/// </summary>
internal static class CsvFile
{
    private const int KeyColumns = 2;
    private const string WayOut = "correct the file; docs/extend/plant-simulator.md shows the form";

    /// <exception cref="RecordingException">The file is missing, cannot be read, or has not this form.</exception>
    public static Recording Read(string path)
    {
        var file = Path.GetFileName(path);
        var lines = Lines.Of(path, WayOut);
        if (lines.Count == 0)
        {
            throw new RecordingException($"{file}: it is empty; {WayOut}");
        }

        var kind = new MachineKind { Name = "recorded-machine", Channels = Header(lines[0].Text, file, lines[0].Number) };
        var source = Path.GetFileNameWithoutExtension(path);
        var lives = new LifeBuilder(file, WayOut, kind.Channels.Count, unit => $"{source}-{unit:000}");
        var row = new float[kind.Channels.Count];
        foreach (var (text, line) in lines.Skip(1))
        {
            var (unit, cycle) = Parse(text, row, file, line);
            lives.Add(unit, cycle, row, line);
        }

        return new Recording(kind, lives.Complete());
    }

    /// <summary>Reads a file that must have the channels of another.</summary>
    /// <exception cref="RecordingException">As for <see cref="Read"/>, or the channels differ.</exception>
    public static Recording ReadSame(Recording first, string path)
    {
        var second = Read(path);
        return second.Kind.Channels.SequenceEqual(first.Kind.Channels)
            ? second
            : throw new RecordingException($"{Path.GetFileName(path)}, line 1: its channels are not those of the first file; {WayOut}");
    }

    private static ChannelSpec[] Header(string text, string file, int line)
    {
        var cells = text.Split(',', StringSplitOptions.TrimEntries);
        if (cells is not ["unit", "cycle", _, ..])
        {
            throw RecordingException.At(file, line, "the header does not begin with unit,cycle and a channel", WayOut);
        }

        ChannelSpec[] channels = [.. cells.Skip(KeyColumns).Select(cell => Channel(cell, file, line))];
        return channels.DistinctBy(channel => channel.Name).Count() == channels.Length
            ? channels
            : throw RecordingException.At(file, line, "two channels have the same name", WayOut);
    }

    private static ChannelSpec Channel(string cell, string file, int line) => cell.Split('|') switch
    {
        [{ Length: > 0 } name, { Length: > 0 } unit] => new ChannelSpec(name, unit),
        [{ Length: > 0 } name, { Length: > 0 } unit, "setting"] => new ChannelSpec(name, unit, ChannelRole.Setting),
        _ => throw RecordingException.At(file, line, $"the channel '{cell}' is not name|unit or name|unit|setting", WayOut),
    };

    private static (int Unit, int Cycle) Parse(string text, Span<float> row, string file, int line)
    {
        var cells = text.Split(',', StringSplitOptions.TrimEntries);
        if (cells.Length != KeyColumns + row.Length)
        {
            throw RecordingException.At(file, line, $"{cells.Length} cells where the header has {KeyColumns + row.Length}", WayOut);
        }

        if (!int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var unit)
            || !int.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out var cycle))
        {
            throw RecordingException.At(file, line, $"'{cells[0]},{cells[1]}' is not a unit and a cycle", WayOut);
        }

        for (var channel = 0; channel < row.Length; channel++)
        {
            var cell = cells[channel + KeyColumns];
            if (cell.Length == 0)
            {
                row[channel] = float.NaN;
            }
            else if (!float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out row[channel]) || float.IsInfinity(row[channel]))
            {
                throw RecordingException.At(file, line, $"'{cell}' is not a number", WayOut);
            }
        }

        return (unit, cycle);
    }
}
