using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>
/// What really happened, for a report that judges the loop after the fact. It is written beside the simulator's state and read
/// by nobody who takes part.
/// </summary>
internal sealed record ScenarioTruth
{
    public required long Seed { get; init; }
    public required string MachineKind { get; init; }
    public required Change Change { get; init; }
    public required int? ChangeTick { get; init; }
    public required TrueFault? Fault { get; init; }
    public required IReadOnlyList<TrueStint> Stints { get; init; }

    public static ScenarioTruth Of(FleetPlan plan) => new()
    {
        Seed = plan.Options.Seed,
        MachineKind = plan.Kind.Name,
        Change = plan.Options.Change,
        ChangeTick = plan.ChangeTick,
        Fault = plan.Fault is { } fault
            ? new TrueFault(plan.Devices[fault.Device].Device, plan.Kind.Channels[fault.Channel].Name, fault.Kind, fault.FirstTick, fault.Value)
            : null,
        Stints = [.. plan.Devices.SelectMany(place => plan.StintsOf(place.Index)).Select(TrueStint.Of)],
    };

    public string ToJson() => JsonSerializer.Serialize(this, TruthJson.Default.ScenarioTruth);

    /// <exception cref="JsonException">The text is not a scenario's truth.</exception>
    public static ScenarioTruth Parse(string json) =>
        JsonSerializer.Deserialize(json, TruthJson.Default.ScenarioTruth) ?? throw new JsonException("the truth of a scenario cannot be null");
}

/// <summary>The bad sensor by the names that the cloud knows.</summary>
internal sealed record TrueFault(string Device, string Channel, SensorFaultKind Kind, int FirstTick, float Value);

/// <summary>One installation. Ages and ticks are in sample intervals, first and last included.</summary>
internal sealed record TrueStint
{
    public required string Device { get; init; }
    public required string Asset { get; init; }
    public required int Installation { get; init; }
    public required string Unit { get; init; }
    public required int FirstTick { get; init; }
    public required int FirstAge { get; init; }
    public required int LastTick { get; init; }
    public required StintEnd End { get; init; }

    public static TrueStint Of(Stint stint) => new()
    {
        Device = stint.Place.Device,
        Asset = stint.Place.Asset,
        Installation = stint.Installation,
        Unit = stint.Unit,
        FirstTick = stint.FirstTick,
        FirstAge = stint.FirstAge,
        LastTick = stint.LastTick,
        End = stint.End,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ScenarioTruth))]
internal sealed partial class TruthJson : JsonSerializerContext;
