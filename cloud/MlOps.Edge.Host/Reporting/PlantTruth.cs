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
            var first = Math.Max(run.FirstAge, next);
            frames += Math.Max(0, run.LastAge - first + 1);
            next = Math.Max(next, run.LastAge + 1);
        }

        return frames;
    }
}

internal sealed record PlantPlan
{
    public required string Source { get; init; }
    public required string Model { get; init; }
    public required long Seed { get; init; }
    public required string Change { get; init; }
    public long? ChangeTick { get; init; }
    public required DateTimeOffset Start { get; init; }
    public required double IntervalSeconds { get; init; }
    public required int Channels { get; init; }
    public required IReadOnlyList<PlantDevice> Devices { get; init; }
    public PlantFault? Fault { get; init; }
    public required IReadOnlyList<PlantUnit> Units { get; init; }
}

internal sealed record PlantDevice(string Device, string Asset);

internal sealed record PlantFault(string Device, string Channel, string Kind);

internal sealed record PlantUnit(string Unit, string Origin, string Pool);

internal sealed record PlantRun(string Asset, int Installation, long FirstAge, long LastAge);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlantPlan))]
[JsonSerializable(typeof(PlantRun))]
internal sealed partial class PlantTruthJson : JsonSerializerContext;
