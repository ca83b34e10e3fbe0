using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cli.Cloud;

// What the tables show of the API's documents. Fields that are not shown are not read, so the API can grow.

internal sealed record ProblemDocument(string? Title, string? Detail, string? See);

internal sealed record ModelRef(string Model, int Version)
{
    public override string ToString() => $"{Model}:{Version}";
}

internal sealed record AssignmentDocument(ModelRef? Active, ModelRef? Shadow, string? Rollout);

internal sealed record DeploymentDocument(string Role, string Model, int Version, string State, string? Reason, int BlobsPresent, int BlobsTotal, string? Rollout);

internal sealed record DeviceLine(
    string Id, string Group, string? MachineKind, string? Asset, int Installation, bool Online, long DesiredEpoch, long ReportedEpoch,
    ModelRef? Active, ModelRef? Shadow, DeploymentDocument[] Deployments, DateTimeOffset? LastSeen, QuarantineDocument? Quarantine = null, TimeSpan? Lag = null);

internal sealed record QuarantineDocument(string Reason, DateTimeOffset Since, DateTimeOffset Until, int Times);

internal sealed record DeviceDocument(
    string Id, bool Online, DateTimeOffset? LastSeen, long DesiredEpoch, AssignmentDocument? Desired, ReportedDocument? Reported, long Batches,
    string? Trouble, QuarantineDocument? Quarantine = null, TimeSpan? Lag = null);

internal sealed record ReportedDocument(
    string AgentVersion, string Runtime, string Os, string Group, AssetDocument[] Assets, long DesiredEpoch, ModelRef? Active, ModelRef? Previous, ModelRef? Shadow,
    DeploymentDocument[] Deployments, string[] MissingBlobs, long OutboxPending, long OutboxBytes, SensorFaultDocument[] SensorFaults, string? Waiting,
    long OutboxRefused = 0, string? LastRefusal = null, string? OutboxFault = null);

internal sealed record AssetDocument(string Asset, string MachineKind, int Installation, long Frame);

internal sealed record SensorFaultDocument(string Asset, string Channel, string Reason);

internal sealed record ModelLine(string Name, string MachineKind, int Versions, SortedDictionary<string, int> Aliases);

internal sealed record ModelDocument(string Name, ModelDefinition Definition, SortedDictionary<string, int> Aliases, VersionDocument[] Versions);

internal sealed record VersionDocument(int Version, string Onnx, long Size, string Trainer, string Run, string Snapshot, int? Parent, SortedDictionary<string, double> Metrics, DateTimeOffset RegisteredAt, int? ReissueOf = null);

internal sealed record LifecycleDocument(string Model, string State, string Reason, string? Run, string? Rollout, TrainOrder? Order);

internal sealed record LogPageDocument(LogEntryDocument[] Events, long Next);

internal sealed record LogEntryDocument(long Position, DateTimeOffset At, string Kind, JsonElement Data);

internal sealed record RolloutDocument(string Id, RolloutPlanDocument Plan, string State, WaveDocument[] Waves, string Reason, int? PreviousVersion, DateTimeOffset? EndedAt);

internal sealed record RolloutPlanDocument(string Model, int Version, string? Group, string Because, DateTimeOffset StartedAt);

internal sealed record WaveDocument(int Number, string Mode, string State, string[] Devices, int Succeeded, int Failed, int Unknown, GateDocument[] Evidence);

internal sealed record GateDocument(string Gate, bool Passed, string Detail);

internal sealed record DriftDocument(
    string Model, int Version, DateTimeOffset? Watermark, VerdictDocument Fleet, VerdictDocument[] Devices, ChannelDocument[] Channels, FieldDocument[] Field, double FalseAlarmBudget, int LabelledSinceVerdict);

internal sealed record VerdictDocument(string Verdict, string Cause, string? Detector, string[] Channels, string[] Devices, DateTimeOffset? Since, string Evidence);

internal sealed record ChannelDocument(string Channel, string Detector, double Score, double Threshold);

internal sealed record FieldDocument(int Version, int Units, double Rmse, double Coverage, double MeanWidth);

internal sealed record DeadLetterDocument(long Id, string Device, DateTimeOffset ReceivedAt, string Reason, long Bytes, byte[]? Payload = null);

internal sealed record EventDocument(long Position, string Id, string Asset, int Installation, string Kind, long Frame, DateTimeOffset At, string? Note, string? RecordedBy);

/// <param name="Replaces">Where the cloud keeps what it had.</param>
internal sealed record RestoreDocument(long Bytes, int Schema, string Replaces);

// What a verb says by itself.

internal sealed record BackupDocument(string File, long Bytes, string Sha256, string? NotIncluded);
internal sealed record LatestDocument(string Asset, int Installation, string Device, long Frame, DateTimeOffset Time, ChannelValueDocument[] Channels);

internal sealed record ChannelValueDocument(string Name, string Unit, float? Value);

internal sealed record GapDocument(
    string Device, string Reason, string? Asset, int? Installation, long? FirstFrame, long? LastFrame, long? FirstSequence, long? LastSequence, long Readings,
    DateTimeOffset? FirstTime, DateTimeOffset? LastTime, DateTimeOffset ReceivedAt);

internal sealed record RangeDocument(DateTimeOffset From, DateTimeOffset To, string Resolution, ChannelNameDocument[] Channels, PageDocument[] Pages, GapDocument[] Gaps);

internal sealed record ChannelNameDocument(string Name, string Unit);

/// <summary>Consecutive frames with their values, or intervals with counts and figures.</summary>
internal sealed record PageDocument(
    string Device, string Asset, int Installation, DateTimeOffset[] Times, long[]? Frames, long[]? Counts,
    Dictionary<string, float?[]>? Values, Dictionary<string, float?[]>? Mean, Dictionary<string, float?[]>? Least, Dictionary<string, float?[]>? Greatest);

/// <summary>The tool's own answer, not the API's.</summary>
internal sealed record ExportedFile(string File, long Bytes);

// What is sent.

internal sealed record EventOrder(string? Id, string Asset, int? Installation, string Kind, long? Frame, DateTimeOffset? At, string? Note, string? RecordedBy);

internal sealed record RolloutOrder(string Model, int Version, WaveOrder[]? Waves, string? Group, string Because);

/// <param name="Soak">A duration as [d.]hh:mm:ss.</param>
internal sealed record WaveOrder(string Mode, double Fraction, string Soak, string Deadline);

internal sealed record CommandOrder(string By, string Reason);

internal sealed record ReleaseOrder(string By);

internal sealed record TrainOrder(long Seed, string TrainingTime, string? Trainer, int Cohort);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(DeviceLine[]))]
[JsonSerializable(typeof(DeviceDocument))]
[JsonSerializable(typeof(ModelLine[]))]
[JsonSerializable(typeof(ModelDocument))]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(LifecycleDocument))]
[JsonSerializable(typeof(LogPageDocument))]
[JsonSerializable(typeof(RolloutDocument[]))]
[JsonSerializable(typeof(DriftDocument))]
[JsonSerializable(typeof(EventDocument[]))]
[JsonSerializable(typeof(BackupDocument))]
[JsonSerializable(typeof(RestoreDocument))]
[JsonSerializable(typeof(LatestDocument[]))]
[JsonSerializable(typeof(GapDocument[]))]
[JsonSerializable(typeof(RangeDocument))]
[JsonSerializable(typeof(ExportedFile))]
[JsonSerializable(typeof(EventOrder))]
[JsonSerializable(typeof(RolloutOrder))]
[JsonSerializable(typeof(WaveOrder[]))]
[JsonSerializable(typeof(CommandOrder))]
[JsonSerializable(typeof(TrainOrder))]
[JsonSerializable(typeof(DeadLetterDocument))]
[JsonSerializable(typeof(DeadLetterDocument[]))]
[JsonSerializable(typeof(ReleaseOrder))]
internal sealed partial class CloudJson : JsonSerializerContext;
