namespace MlOps.Edge.Contracts.Documents;

/// <summary>Why a telemetry batch will never be stored, in one word. Words may be added, none changes its meaning.</summary>
public static class RefusalCode
{
    /// <summary>Another content is stored under this key: a cloned or rolled-back device.</summary>
    public const string Conflict = "conflict";

    /// <summary>The batch names another device than the topic it came on.</summary>
    public const string ForeignDevice = "foreign-device";

    /// <summary>The sequence is beyond what a stream can have.</summary>
    public const string Sequence = "sequence";

    /// <summary>The batch is of another version of the protocol than its topic.</summary>
    public const string Protocol = "protocol";

    /// <summary>The bytes are no TelemetryBatch, though its key could be read.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>A block in it breaks a rule of the contract.</summary>
    public const string Content = "content";

    /// <summary>More bytes or blocks than one batch may have.</summary>
    public const string TooLarge = "too-large";

    /// <summary>
    /// Whether only this batch is at fault: its stream goes on, with a gap in its place. Otherwise, and for a word that is not known,
    /// the fault is the stream's, and the device begins a new one.
    /// </summary>
    public static bool SparesTheStream(string? code) => code is Protocol or Undecodable or Content or TooLarge;
}
