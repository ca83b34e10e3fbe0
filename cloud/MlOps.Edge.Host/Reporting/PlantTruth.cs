using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>What the plant knows of itself, and the cloud does not: read only to judge a run, after it.</summary>
internal sealed class PlantTruth
{
    public required PlantPlan Plan { get; init; }

    /// <summary>Frames that agents committed, by unit; of each, as many values as the plan has channels.</summary>
    public required IReadOnlyDictionary<UnitRef, IReadOnlySet<long>> Produced { get; init; }

    public VirtualCalendar Calendar => Plan.Calendar;

    /// <exception cref="UserErrorException">The folder does not hold a plant's books.</exception>
    public static PlantTruth Read(string folder)
    {
        var plan = ReadPlan(folder);
        return new()
        {
            Plan = plan,
            Produced = Read(Path.Combine(folder, "produced.jsonl"), file => File.ReadLines(file).Where(line => line.Length > 0)
                .Select(line => JsonSerializer.Deserialize(line, PlantTruthJson.Default.PlantRun)!)
                .GroupBy(run => new UnitRef(AssetId.Parse(run.Asset), run.Installation))
                .ToDictionary(runs => runs.Key, Frames)),
        };
    }

    /// <summary>What the plant means to do: on disk before its first device starts.</summary>
    /// <exception cref="UserErrorException">The folder does not hold a plant's plan.</exception>
    public static PlantPlan ReadPlan(string folder) =>
        Read(Path.Combine(folder, "plan.json"), file => JsonSerializer.Deserialize(File.ReadAllBytes(file), PlantTruthJson.Default.PlantPlan)!);

    private static T Read<T>(string file, Func<string, T> read)
    {
        if (!File.Exists(file))
        {
            throw new UserErrorException($"'{file}' is missing: this is no folder of a finished demo.", ExitCodes.NotFound);
        }

        try
        {
            return read(file);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new UserErrorException($"The plant's book '{file}' is not readable: {e.Message}");
        }
    }

    // After a crash a run may overlap the one before; a frame counts once.
    private static IReadOnlySet<long> Frames(IEnumerable<PlantRun> runs)
    {
        var frames = new HashSet<long>();
        foreach (var run in runs)
        {
            for (var age = run.FirstAge; age <= run.LastAge; age++)
            {
                frames.Add(age);
            }
        }

        return frames;
    }
}

internal sealed record PlantPlan(
    string Source, string Model, DateTimeOffset Start, double IntervalSeconds, int Channels, int Devices, IReadOnlyList<PlantOrigin> History, PlantStory Story)
{
    public VirtualCalendar Calendar => new(Start, TimeSpan.FromSeconds(IntervalSeconds));
}

internal sealed record PlantOrigin(string Unit, string Origin);

/// <param name="Change">As the plant's own books name it, e.g. <c>BadRetrain</c>.</param>
internal sealed record PlantStory(long Seed, string Change, long? ChangeTick, PlantFault? Fault, IReadOnlyList<PlantStint> Stints)
{
    /// <summary>As the command line names it, e.g. <c>bad-retrain</c>.</summary>
    public string ChangeName => JsonNamingPolicy.KebabCaseLower.ConvertName(Change);

    /// <summary>From the change on, failures are booked that were none.</summary>
    public bool IsBookedFalsely => ChangeName == "bad-retrain";
}

internal sealed record PlantFault(string Device, string Channel, string Kind);

/// <param name="Unit">As its source names it.</param>
internal sealed record PlantStint(string Device, string Asset, int Installation, string Unit);

internal sealed record PlantRun(string Asset, int Installation, long FirstAge, long LastAge);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlantPlan))]
[JsonSerializable(typeof(PlantRun))]
internal sealed partial class PlantTruthJson : JsonSerializerContext;
