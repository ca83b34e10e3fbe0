using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

/// <summary>What maintenance did and found, append-only. These are the labels.</summary>
public interface IMaintenanceLog
{
    /// <summary>Appends an event durably. The same <see cref="MaintenanceEvent.Id"/> again is the same event.</summary>
    /// <returns>Its position; positions grow.</returns>
    /// <exception cref="InvalidMaintenanceEventException">The id is taken by another content, or the unit has ended already.</exception>
    Task<long> AppendAsync(MaintenanceEvent entry, CancellationToken cancellationToken);

    /// <summary>Events after a position, in order.</summary>
    Task<IReadOnlyList<RecordedMaintenance>> ReadAsync(long after, CancellationToken cancellationToken);

    /// <summary>The position of the event that was recorded last; 0: none was.</summary>
    Task<long> GetHeadAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<RecordedMaintenance>> ListAsync(AssetId asset, CancellationToken cancellationToken);
}

[GenerateSerializer, Immutable, Alias("mlops.maintenance-event")]
public sealed record MaintenanceEvent
{
    /// <summary>Given by whoever records it, so that a repeat is recognised.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Asset { get; init; }
    [Id(2)] public required int Installation { get; init; }
    [Id(3)] public required MaintenanceKind Kind { get; init; }

    /// <summary>The unit's age at the event in sample intervals: the last frame it lived.</summary>
    [Id(4)] public required long Frame { get; init; }

    [Id(5)] public required DateTimeOffset At { get; init; }
    [Id(6)] public string? Note { get; init; }
    [Id(7)] public string? RecordedBy { get; init; }

    public UnitRef Unit => new(AssetId.Parse(Asset), Installation);
}

/// <summary>Numbers rest in stores: append, never renumber.</summary>
public enum MaintenanceKind
{
    /// <summary>It failed: a full label.</summary>
    Failure = 0,

    /// <summary>Replaced on schedule, before it failed: a censored label.</summary>
    Replaced = 1,

    /// <summary>Looked at, and left in place.</summary>
    Inspected = 2,

    /// <summary>A sensor of its device was replaced, repaired or calibrated: what is known of the device's sensors no longer counts.</summary>
    SensorRepaired = 3,
}

[GenerateSerializer, Immutable, Alias("mlops.recorded-maintenance")]
public sealed record RecordedMaintenance([property: Id(0)] long Position, [property: Id(1)] MaintenanceEvent Event);

public sealed class InvalidMaintenanceEventException(string message) : Exception(message);

/// <summary>Nothing was ever stored of that asset, or of that installation of it. The message names what is known.</summary>
public sealed class UnknownUnitException(string message) : Exception(message);
