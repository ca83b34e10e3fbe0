namespace MlOps.Edge.Simulator.Scenario;

/// <summary>One machine's time in one place: an installation.</summary>
internal sealed record Stint
{
    public required DeviceProfile Place { get; init; }

    /// <summary>The installation epoch of the asset, from 1.</summary>
    public required int Installation { get; init; }

    /// <summary>The machine's name in its source. The cloud never hears it: it would tell the pools apart.</summary>
    public required string Unit { get; init; }

    /// <summary>The first tick in which it runs here.</summary>
    public required int FirstTick { get; init; }

    /// <summary>Its age in that tick; 0 but for machines that were running when the story began.</summary>
    public required int FirstAge { get; init; }

    /// <summary>The last tick in which it runs.</summary>
    public required int LastTick { get; init; }

    /// <summary>Why it stops after that, in truth.</summary>
    public required StintEnd End { get; init; }

    /// <summary>What the maintenance people find and note while it is here, and at its end, in order of time.</summary>
    public required IReadOnlyList<MaintenanceNote> Notes { get; init; }

    public int AgeAt(int tick) => FirstAge + tick - FirstTick;

    public int LastAge => AgeAt(LastTick);
}

internal enum StintEnd
{
    /// <summary>It runs on; the story ends.</summary>
    Running = 0,

    /// <summary>It ran to its very end.</summary>
    Failed = 1,

    /// <summary>It was taken out in time, as planned.</summary>
    ReplacedOnSchedule = 2,

    /// <summary>It was sound, taken out all the same, and booked as a failure.</summary>
    TakenOutWrongly = 3,
}

/// <summary>What the maintenance system books.</summary>
internal enum MaintenanceKind { Failure = 0, ReplacedOnSchedule = 1, Inspected = 2 }

/// <summary>One booking.</summary>
/// <param name="Tick">When.</param>
/// <param name="Age">The machine's age then, in sample intervals.</param>
internal sealed record MaintenanceNote(int Tick, int Age, MaintenanceKind Kind)
{
    /// <summary>As the maintenance event is spelt on the API.</summary>
    public string Code => Kind switch
    {
        MaintenanceKind.Failure => "failure",
        MaintenanceKind.ReplacedOnSchedule => "replaced-on-schedule",
        _ => "inspected",
    };
}
