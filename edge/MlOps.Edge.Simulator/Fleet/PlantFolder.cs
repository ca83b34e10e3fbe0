using System.Globalization;
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
    public static void WritePlan(string folder, FleetPlan plan, string from, IReadOnlyList<HistoryUnit> history) => Write(Path.Combine(folder, Plan), Describe(plan, from, history));

    /// <summary>As <see cref="WritePlan"/>, where agents may have lived in the folder already: they only go on in the plan that they began.</summary>
    /// <exception cref="OtherPlanException">The folder was made for another plan, or its history at another pace.</exception>
    public static void WriteSamePlan(string folder, FleetPlan plan, string from, IReadOnlyList<HistoryUnit> history)
    {
        var (file, document) = (Path.Combine(folder, Plan), Describe(plan, from, history));
        if (File.Exists(file) && Difference(Read(file), document) is { } difference)
        {
            throw new OtherPlanException($"The folder '{folder}' was made with {difference}. Start it so, or choose another folder with --state.");
        }

        Write(file, document);
    }

    /// <summary>What the folder was made with and is not asked for now; null: they agree.</summary>
    private static string? Difference(PlanDocument was, PlanDocument now)
    {
        var differences = new (bool Differs, string Was)[]
        {
            (was.Source != now.Source, $"machines of the {was.Source}"),
            (was.Story.Seed != now.Story.Seed, Text($"--seed {was.Story.Seed}")),
            (was.Devices != now.Devices, Text($"--devices {was.Devices}")),
            (was.Story.Change != now.Story.Change, $"--change {FleetOptions.Name(was.Story.Change)}"),

            // A fleet may live at any pace; the history has its times, and the model its sample interval, from the first.
            (was.History.Count > 0 && now.History.Count > 0 && was.IntervalSeconds != now.IntervalSeconds, Text($"--pace {was.IntervalSeconds}")),
        };
        return differences.Where(d => d.Differs).Select(d => d.Was).ToArray() is { Length: > 0 } found ? string.Join(", ", found) : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static PlanDocument Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), PlanJson.Default.PlanDocument) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new OtherPlanException($"'{file}' is not a plan of this program ({e.Message}). Choose another folder with --state.");
        }
    }

    // Whole or not at all: a kill must not leave half a plan.
    private static void Write(string file, PlanDocument document)
    {
        File.WriteAllBytes(file + ".new", JsonSerializer.SerializeToUtf8Bytes(document, PlanJson.Default.PlanDocument));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static PlanDocument Describe(FleetPlan plan, string from, IReadOnlyList<HistoryUnit> history) => new()
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
}

/// <summary>What is asked for contradicts what was begun, in this folder or in the cloud. The message is one line for the user.</summary>
internal sealed class OtherPlanException(string message) : Exception(message);

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
