namespace MlOps.Edge.Contracts.Documents;

/// <summary>What the cloud has durably stored: <c>down/ack</c>. Cumulative, so a lost one costs nothing.</summary>
public sealed record AcknowledgementDocument
{
    public IReadOnlyList<StreamAcknowledgement> Streams { get; set; } = [];

    /// <summary>Names of schemas that the cloud lacks, 32 lower-case hexadecimal digits each; null: none. See <see cref="Telemetry.SchemaId"/>.</summary>
    public IReadOnlyList<string>? Wants { get; init; }

    /// <summary>The session and sequence of the newest reported document that the cloud has kept; null: none in this message.</summary>
    public ReportedAcknowledgement? Reported { get; init; }
}

/// <param name="Epoch">32 lower-case hexadecimal digits.</param>
/// <param name="Through">Every sequence up to and including this one is stored.</param>
/// <param name="Above">Stored ranges above it, ascending.</param>
/// <param name="Refused">What came and will never be stored, said each time that it comes; it is in the cloud's dead letters by then. Not cumulative.</param>
public sealed record StreamAcknowledgement(string Epoch, long Through, IReadOnlyList<SequenceRange> Above, IReadOnlyList<RefusedRange>? Refused = null);

/// <summary>Sequences that will never be stored as they are, first and last included.</summary>
/// <param name="Code">One of <see cref="RefusalCode"/>; null or unknown: taken for <see cref="RefusalCode.Conflict"/>.</param>
/// <param name="Reason">In plain words.</param>
public sealed record RefusedRange(long First, long Last, string? Code = null, string? Reason = null);

/// <summary>First and last, both included.</summary>
public sealed record SequenceRange(long First, long Last);

public sealed record ReportedAcknowledgement(string Session, long Sequence);

/// <summary><c>up/status</c>, retained; the offline one is the connection's will.</summary>
public sealed record StatusDocument(bool Online, string Session);
