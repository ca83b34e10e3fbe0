namespace MlOps.Edge.Contracts.Telemetry;

/// <summary>The words for why something will never come, see docs/mqtt-api.md, "Gaps". Devices may send others.</summary>
public static class GapReason
{
    /// <summary>Batches that made room in a full outbox; nothing is left of them.</summary>
    public const string Full = "full";

    /// <summary>Batches older than the outbox keeps.</summary>
    public const string Old = "old";

    /// <summary>Batches in whose place a summary came.</summary>
    public const string Summarised = "summarised";

    /// <summary>A batch that the cloud refused; the code follows behind a colon.</summary>
    public const string Refused = "refused";

    /// <summary>Batches of an outbox file that decayed.</summary>
    public const string Damaged = "damaged";

    /// <summary>Batches that a cloud had stored, and has no more: it was restored from a backup.</summary>
    public const string Restored = "restored";

    /// <summary>Frames that the device's storage did not take.</summary>
    public const string Unwritten = "unwritten";

    /// <summary>Frames that passed while the agent did not run, or were not yet committed when it ended.</summary>
    public const string Stopped = "stopped";
}
