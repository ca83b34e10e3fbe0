namespace MlOps.Edge.Cloud.Devices;

/// <summary>A telemetry batch as it came: the bytes are what is stored.</summary>
[GenerateSerializer, Immutable, Alias("mlops.ingest-batch")]
public sealed record IngestBatch([property: Id(0)] byte[] Payload, [property: Id(1)] DateTimeOffset ReceivedAt)
{
    /// <summary>What the device's clocks said when it published the batch: <c>session:uptime in ms</c>, as it came; null: it says none.</summary>
    [Id(2)] public string? Clock { get; init; }
}

/// <summary>What became of batches that were handed over together.</summary>
[GenerateSerializer, Immutable, Alias("mlops.ingest-answer")]
public sealed record IngestAnswer
{
    /// <summary>One for each batch, in their order; none with a <see cref="StoreFault"/>.</summary>
    [Id(0)] public required BatchFate[] Fates { get; init; }

    /// <summary>Every stream that one of them belongs to, as it stands after all of them.</summary>
    [Id(1)] public required StreamPosition[] Streams { get; init; }

    [Id(2)] public BatchRefusal[] Refusals { get; init; } = [];

    /// <summary>Schemas that batches name and the cloud lacks, 32 hexadecimal digits each: those batches come again.</summary>
    [Id(3)] public string[] Wants { get; init; } = [];

    /// <summary>Why those can never be stored of which not even the key can be read, in plain words.</summary>
    [Id(4)] public string[] Unreadable { get; init; } = [];

    /// <summary>Why the store can take nothing now, in plain words: nothing is known of any of them, and all come again; null: it took them.</summary>
    [Id(5)] public string? StoreFault { get; init; }
}

/// <summary>What became of one batch. The numbers travel between silos.</summary>
public enum BatchFate
{
    /// <summary>It is on disk, now or before.</summary>
    Stored = 0,

    /// <summary>It will never be stored; it is in the dead letters and named in the answer.</summary>
    Refused = 1,

    /// <summary>Neither stored nor refused: it names a schema that the cloud lacks.</summary>
    Wanting = 2,

    /// <summary>It will never be stored, and cannot be named; it is in the dead letters.</summary>
    Unreadable = 3,
}

/// <summary>What is durably stored of one stream of one device.</summary>
/// <param name="StreamEpoch">32 lower-case hexadecimal digits.</param>
/// <param name="Through">Every sequence up to and including this one.</param>
/// <param name="Above">Stored ranges above it, ascending, first and last included.</param>
[GenerateSerializer, Immutable, Alias("mlops.stream-position")]
public sealed record StreamPosition([property: Id(0)] string StreamEpoch, [property: Id(1)] long Through, [property: Id(2)] SequenceSpan[] Above);

/// <param name="StreamEpoch">32 lower-case hexadecimal digits.</param>
/// <param name="Code">One of <see cref="Contracts.Documents.RefusalCode"/>.</param>
/// <param name="Reason">In plain words.</param>
[GenerateSerializer, Immutable, Alias("mlops.batch-refusal")]
public sealed record BatchRefusal(
    [property: Id(0)] string StreamEpoch, [property: Id(1)] long Sequence, [property: Id(2)] string Code, [property: Id(3)] string Reason);

[GenerateSerializer, Immutable, Alias("mlops.sequence-span")]
public readonly record struct SequenceSpan([property: Id(0)] long First, [property: Id(1)] long Last);
