namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>One question about a wave's live model quality. Stateless: the same evidence gets the same answer.</summary>
internal interface IWaveGate
{
    /// <summary>The name that evidence and events carry.</summary>
    string Name { get; }

    GateFinding Judge(WaveEvidence evidence);
}

internal enum GateVerdict
{
    Passed,

    /// <summary>It cannot be asked here (no champion, no labels yet): neither for nor against.</summary>
    NotCounted,

    /// <summary>Evidence that should come has not: the wave soaks on.</summary>
    Undecided,
    Failed,
}

/// <param name="Detail">The figures, in plain words.</param>
internal sealed record GateFinding(string Gate, GateVerdict Verdict, string Detail);

/// <summary>What the devices of a rollout said, as far as the watermark.</summary>
internal sealed record WaveEvidence
{
    public required int Version { get; init; }

    /// <summary>The version it is compared with; null: none.</summary>
    public int? Champion { get; init; }

    /// <summary>The version is the champion: there is no other to compare it with.</summary>
    public bool IsChampion { get; init; }

    /// <summary>Why a gate that compares is not asked.</summary>
    public string WithoutChampion => IsChampion ? $"v{Version} is the champion itself: there is no other version to compare it with" : "there is no champion to compare with";

    /// <summary>The drift room says that the fleet has moved away from what the champion knows: being near it is no merit then.</summary>
    public bool ChampionOutdated { get; init; }

    /// <summary>The model's cap of remaining useful life, in sample intervals.</summary>
    public required double Cap { get; init; }

    /// <summary>The new version's predictions on the wave's devices during its soak, by unit and frame.</summary>
    public required IReadOnlyList<PredictionSample> Candidate { get; init; }

    /// <summary>Windows of the same soak that both versions predicted, by unit and frame.</summary>
    public required IReadOnlyList<PredictionPair> Pairs { get; init; }

    /// <summary>Windows that both versions predicted since the rollout began, on any of its devices.</summary>
    public required IReadOnlyList<PredictionPair> AllPairs { get; init; }

    /// <summary>Units that have failed by now: the frames that each lived.</summary>
    public required IReadOnlyDictionary<string, long> Lifetimes { get; init; }
}

/// <summary>Two versions on one window.</summary>
internal readonly record struct PredictionPair(string Unit, long Frame, double New, double Old);
