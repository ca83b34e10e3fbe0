using System.Globalization;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>
/// NASA's turbofan run-to-failure recordings, where they are at hand. Saxena, Goebel, Simon, Eklund, "Damage propagation
/// modeling for aircraft engine run-to-failure simulation", PHM 2008.
/// </summary>
internal static class CmapssUnits
{
    private static readonly string[] Settings = ["altitude", "mach", "throttle"];

    private static readonly string[] Sensors =
    [
        "T2", "T24", "T30", "T50", "P2", "P15", "P30", "Nf", "Nc", "epr", "Ps30", "phi", "NRf", "NRc", "BPR", "farB", "htBleed", "Nf_dmd", "PCNfR_dmd", "W31", "W32",
    ];

    public static ModelDefinition Model { get; } = new()
    {
        Name = "engine-rul",
        MachineKind = "turbofan",
        Channels = [.. Settings.Select(n => new ChannelSpec(n, "1", ChannelRole.Setting)), .. Sensors.Select(n => new ChannelSpec(n, "1"))],
        Window = 50,
        SampleInterval = TimeSpan.FromHours(1),
        RulCap = 125,
    };

    /// <summary>The run-to-failure units of one set, e.g. FD001. Skips the test where the data is not there.</summary>
    public static UnitHistory[] Train(string set)
    {
        var path = Path.Combine(Folder(), $"train_{set}.txt");
        return [.. File.ReadLines(path)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())
            .GroupBy(row => (int)row[0])
            .Select(unit => new UnitHistory
            {
                Unit = string.Create(CultureInfo.InvariantCulture, $"{set.ToLowerInvariant()}-{unit.Key:000}#1"),
                Channels = 24,
                Values = [.. unit.SelectMany(row => row[2..26])],
                End = UnitEnd.Failed,
            })];
    }

    public static string Folder()
    {
        var named = Environment.GetEnvironmentVariable("MLOPS_DATA");
        var above = Ancestors(AppContext.BaseDirectory).SelectMany(d => new[] { Path.Combine(d, "shared", "data"), Path.Combine(d, "..", "shared", "data") });
        foreach (var root in named is null ? above : [named, .. above])
        {
            foreach (var folder in new[] { root, Path.Combine(root, "cmapss") })
            {
                if (File.Exists(Path.Combine(folder, "train_FD001.txt")))
                {
                    return folder;
                }
            }
        }

        Assert.Skip("skipped: no C-MAPSS data under MLOPS_DATA or ../shared/data");
        return "";
    }

    private static IEnumerable<string> Ancestors(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            yield return at.FullName;
        }
    }
}
