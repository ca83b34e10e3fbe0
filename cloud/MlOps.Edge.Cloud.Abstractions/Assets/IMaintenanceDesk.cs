using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

/// <summary>Takes what people report about machines, works out which unit and frame they mean, and records it.</summary>
public interface IMaintenanceDesk
{
    /// <exception cref="UnknownUnitException">No such asset or installation; the message names what is known.</exception>
    /// <exception cref="InvalidMaintenanceEventException">A frame it never lived, or it has ended already; the message names what is known.</exception>
    Task<RecordedMaintenance> RecordAsync(MaintenanceReport report, CancellationToken cancellationToken);

    /// <summary>What was recorded of an asset, in order; nothing, where nothing was.</summary>
    /// <exception cref="UnknownUnitException">There is no such asset; the message names what is known.</exception>
    Task<IReadOnlyList<RecordedMaintenance>> HistoryAsync(AssetId asset, CancellationToken cancellationToken);
}

/// <param name="Id">null: one is made from the unit, kind and frame, so that the same report twice is one event.</param>
/// <param name="Installation">null: the asset's newest.</param>
/// <param name="Frame">The last frame the unit lived; null: taken from <paramref name="At"/>, or else the last stored frame.</param>
public sealed record MaintenanceReport(
    string? Id, string Asset, int? Installation, MaintenanceKind Kind, long? Frame, DateTimeOffset? At, string? Note, string? RecordedBy);
