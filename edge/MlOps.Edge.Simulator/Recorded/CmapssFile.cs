using System.Globalization;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>
/// NASA's turbofan run-to-failure files: 26 numbers a row (unit, cycle, 3 settings, 21 sensors), blanks between. Symbols and
/// units after table 2 of A. Saxena, K. Goebel, D. Simon, N. Eklund, "Damage propagation modeling for aircraft engine
/// run-to-failure simulation", PHM 2008.
/// <para>
/// In FD001 the high-pressure compressor (HPC) of every engine degrades: it takes more work for less pressure. Temperatures
/// (T24, T30, T50), core speed, Ps30 and bypass ratio rise to the end, while P30, phi and the coolant bleeds W31 and W32 fall.
/// In FD003 that is the lot of 56 engines; in the other 44 the fan fails. They run as hot, but P30, phi, W31 and W32 rise and
/// BPR falls (counted over the last 10 cycles of each life against its first 30): a model that has learned only the
/// first story reads half of the signs the wrong way round.
/// </para>
/// </summary>
internal static class CmapssFile
{
    private const int KeyColumns = 2;
    private const string WayOut = "download the C-MAPSS data set from NASA's prognostics repository again";

    /// <summary>A cycle is one flight; it is given an hour of virtual time.</summary>
    public static MachineKind Turbofan { get; } = new()
    {
        Name = "turbofan",
        Window = 50,
        Channels =
        [
            new("altitude", "10*3.[ft_i]", ChannelRole.Setting),
            new("mach", "1", ChannelRole.Setting),
            new("TRA", "deg", ChannelRole.Setting),
            new("T2", "[degR]"),
            new("T24", "[degR]"),
            new("T30", "[degR]"),
            new("T50", "[degR]"),
            new("P2", "[psi]"),
            new("P15", "[psi]"),
            new("P30", "[psi]"),
            new("Nf", "/min"),
            new("Nc", "/min"),
            new("epr", "1"),
            new("Ps30", "[psi]"),
            new("phi", "[lb_av]/s/[psi]"),
            new("NRf", "/min"),
            new("NRc", "/min"),
            new("BPR", "1"),
            new("farB", "1"),
            new("htBleed", "1"),
            new("Nf_dmd", "/min"),
            new("PCNfR_dmd", "/min"),
            new("W31", "[lb_av]/s"),
            new("W32", "[lb_av]/s"),
        ],
    };

    /// <exception cref="RecordingException">The file is missing, cannot be read, or is not a C-MAPSS file.</exception>
    public static Recording Read(string path)
    {
        var file = Path.GetFileName(path);
        var set = Path.GetFileNameWithoutExtension(path).Replace("train_", "", StringComparison.Ordinal);
        var lives = new LifeBuilder(file, WayOut, Turbofan.Channels.Count, unit => $"{set}-{unit:000}");
        Span<float> row = stackalloc float[Turbofan.Channels.Count];
        foreach (var (text, line) in Lines.Of(path, WayOut))
        {
            var (unit, cycle) = Parse(text, row, file, line);
            lives.Add(unit, cycle, row, line);
        }

        return new Recording(Turbofan, lives.Complete());
    }

    private static (int Unit, int Cycle) Parse(ReadOnlySpan<char> text, Span<float> row, string file, int line)
    {
        int column = 0, unit = 0, cycle = 0;
        foreach (var range in text.SplitAny(' ', '\t'))
        {
            var word = text[range];
            if (word.IsEmpty)
            {
                continue;
            }

            var readable = column switch
            {
                0 => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out unit),
                1 => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out cycle),
                _ when column - KeyColumns < row.Length =>
                    float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out row[column - KeyColumns])
                    && float.IsFinite(row[column - KeyColumns]),
                _ => true,
            };
            column++;
            if (!readable)
            {
                throw RecordingException.At(file, line, $"column {column} is '{word}', not a number that belongs there", WayOut);
            }
        }

        return column == KeyColumns + row.Length
            ? (unit, cycle)
            : throw RecordingException.At(file, line, $"{column} columns where a C-MAPSS row has {KeyColumns + row.Length}", WayOut);
    }
}
