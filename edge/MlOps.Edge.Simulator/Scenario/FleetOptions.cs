using System.Text.Json;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>What happens to the fleet in the middle of the story.</summary>
internal enum Change
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>From the change on every replacement has a fault mode that no model has seen.</summary>
    NewFault = 1,

    /// <summary>One sensor on one device sticks or is off by a constant.</summary>
    OneDevice = 2,

    /// <summary>From the change on sound machines are taken out early and booked as failures.</summary>
    BadRetrain = 3,
}

/// <summary>How large the fleet is, how long it lives, and what befalls it.</summary>
internal sealed record FleetOptions
{
    /// <summary>At least 1. Default: 20.</summary>
    public int Devices { get; init; } = 20;

    /// <summary>Everything that is drawn comes from here. Default: 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Default: <see cref="Change.NewFault"/>.</summary>
    public Change Change { get; init; } = Change.NewFault;

    /// <summary>How many sample intervals the fleet lives at most. Default: 1,300.</summary>
    public int Ticks { get; init; } = 1_300;

    /// <summary>The moment of tick 0. Default: the beginning of 2026, UTC.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What <see cref="ParseChange"/> reads.</summary>
    public static string Name(Change change) => JsonNamingPolicy.KebabCaseLower.ConvertName(change.ToString());

    /// <exception cref="ArgumentException">No such change; the message lists those there are.</exception>
    public static Change ParseChange(string name) => name switch
    {
        "none" => Change.None,
        "new-fault" => Change.NewFault,
        "one-device" => Change.OneDevice,
        "bad-retrain" => Change.BadRetrain,
        _ => throw new ArgumentException($"there is no change '{name}': choose one of none, new-fault, one-device, bad-retrain"),
    };
}

/// <summary>The options and the machines at hand make no story. The message is one line for the user.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
