using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Fleet;

/// <summary>
/// The plant's own books: <c>plan.json</c>, what was to happen, and <c>produced.jsonl</c>, what its devices committed. The cloud
/// never sees them; whoever judges a run compares them with what the cloud has stored.
/// </summary>
internal static class PlantFolder
{
    public const string Plan = "plan.json";
    public const string Produced = "produced.jsonl";

    /// <param name="from">Where the machines come from, in words.</param>
    public static void WritePlan(string folder, FleetPlan plan, string from, IReadOnlyList<HistoryUnit> history)
    {
        var document = new PlanDocument
        {
            Source = from,
            Model = plan.Kind.RulModel.Name,
            Start = plan.TimeOf(0),
            IntervalSeconds = plan.Kind.SampleInterval.TotalSeconds,
            Channels = plan.Kind.Channels.Count,
            Devices = plan.Devices.Count,
            History = [.. history.Select(u => new PlannedUnit($"{u.Asset}#{HistoryUnit.Installation}", u.Name))],
            Story = ScenarioTruth.Of(plan),
        };
        File.WriteAllBytes(Path.Combine(folder, Plan), JsonSerializer.SerializeToUtf8Bytes(document, PlanJson.Default.PlanDocument));
    }
}

/// <summary><c>plan.json</c>.</summary>
internal sealed record PlanDocument
{
    public required string Source { get; init; }

    public required string Model { get; init; }

    /// <summary>The time of tick 0.</summary>
    public required DateTimeOffset Start { get; init; }

    public required double IntervalSeconds { get; init; }

    public required int Channels { get; init; }

    public required int Devices { get; init; }

    /// <summary>Which machine of the source each unit of the history is.</summary>
    public required IReadOnlyList<PlannedUnit> History { get; init; }

    public required ScenarioTruth Story { get; init; }
}

/// <param name="Unit">As the cloud names it.</param>
/// <param name="Origin">As its source names it.</param>
internal sealed record PlannedUnit(string Unit, string Origin);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PlanDocument))]
internal sealed partial class PlanJson : JsonSerializerContext;
