using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Host.Reporting;

/// <summary>What the plant knows of itself, and the cloud does not: read only to judge a run, after it.</summary>
internal sealed class PlantTruth
{
    public required PlantPlan Plan { get; init; }

    /// <summary>Values that agents committed.</summary>
    public required long ProducedReadings { get; init; }

    public VirtualCalendar Calendar => new(Plan.Start, TimeSpan.FromSeconds(Plan.IntervalSeconds));

    /// <exception cref="UserErrorException">The folder does not hold a plant's books.</exception>
    public static PlantTruth Read(string folder)
    {
        var plan = Path.Combine(folder, "plan.json");
        var produced = Path.Combine(folder, "produced.jsonl");
        foreach (var file in new[] { plan, produced }.Where(f => !File.Exists(f)))
        {
            throw new UserErrorException($"'{file}' is missing: this is no folder of a finished demo.", ExitCodes.NotFound);
        }

        try
        {
            var facts = JsonSerializer.Deserialize(File.ReadAllBytes(plan), PlantTruthJson.Default.PlantPlan)!;
            var frames = File.ReadLines(produced).Where(line => line.Length > 0)
                .Select(line => JsonSerializer.Deserialize(line, PlantTruthJson.Default.PlantRun)!)
                .GroupBy(run => (run.Asset, run.Installation))
                .Sum(Frames);
            return new() { Plan = facts, ProducedReadings = frames * facts.Channels };
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"The plant's books in '{folder}' are not readable: {e.Message}");
        }
    }

    // After a crash a run may overlap the one before; a frame counts once.
    private static long Frames(IEnumerable<PlantRun> runs)
    {
        long frames = 0, next = 0;
        foreach (var run in runs.OrderBy(r => r.FirstAge))
        {
            frames += Math.Max(0, run.LastAge - Math.Max(run.FirstAge, next) + 1);
            next = Math.Max(next, run.LastAge + 1);
        }

        return frames;
    }
}

internal sealed record PlantPlan(
    string Source, string Model, DateTimeOffset Start, double IntervalSeconds, int Channels, int Devices, IReadOnlyList<PlantOrigin> History, PlantStory Story);

internal sealed record PlantOrigin(string Unit, string Origin);

internal sealed record PlantStory(long Seed, string Change, long? ChangeTick, PlantFault? Fault, IReadOnlyList<PlantStint> Stints);

internal sealed record PlantFault(string Device, string Channel, string Kind);

/// <param name="Unit">As its source names it.</param>
internal sealed record PlantStint(string Device, string Asset, int Installation, string Unit);

internal sealed record PlantRun(string Asset, int Installation, long FirstAge, long LastAge);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlantPlan))]
[JsonSerializable(typeof(PlantRun))]
internal sealed partial class PlantTruthJson : JsonSerializerContext;
