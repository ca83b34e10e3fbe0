namespace MlOps.Edge.Cloud.Devices;

/// <summary>A device whose telemetry is not taken for a while, because it sends more than any device should, or what nobody can read. It loses nothing: it keeps what is not acknowledged.</summary>
/// <param name="Reason">In plain words.</param>
/// <param name="Since">When it began.</param>
/// <param name="Until">When it ends by itself.</param>
/// <param name="Times">The how-manieth in a row it is; each lasts twice as long as the one before.</param>
[GenerateSerializer, Immutable, Alias("mlops.device-quarantine")]
public sealed record DeviceQuarantine(
    [property: Id(0)] string Reason, [property: Id(1)] DateTimeOffset Since, [property: Id(2)] DateTimeOffset Until, [property: Id(3)] int Times)
{
    public bool IsOver(DateTimeOffset now) => now >= Until;
}
