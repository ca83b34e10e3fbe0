using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Assets;

/// <summary>What people report about a machine.</summary>
internal sealed record ReportMaintenance
{
    /// <summary>Names the event, so that a repeat is recognised. Default: made from the unit, kind and frame.</summary>
    public string? Id { get; init; }
    public required string Asset { get; init; }

    /// <summary>Default: the asset's newest.</summary>
    public int? Installation { get; init; }
    public required MaintenanceKind Kind { get; init; }

    /// <summary>The last frame that the unit lived, in sample intervals since its installation. Default: taken from <see cref="At"/>, or else the last stored frame.</summary>
    public long? Frame { get; init; }
    public DateTimeOffset? At { get; init; }
    public string? Note { get; init; }
    public string? RecordedBy { get; init; }

    public (string Field, string Rule)? FirstBroken() => this switch
    {
        _ when !AssetId.TryParse(Asset, null, out _) => ("asset", $"'{Asset}' is not an asset id (lower-case letters, digits, '-' and '_', at most 64, beginning with a letter or digit)"),
        { Id: { } id } when !ResourceId.TryParse(id, null, out _) => ("id", $"'{id}' is not an id (letters, digits, '-', '_', '.' and ':', at most 128)"),
        { Installation: < 0 } => ("installation", "0 or more"),
        { Frame: < 0 } => ("frame", "0 or more"),
        { Note.Length: > 2000 } => ("note", "at most 2000 characters"),
        { RecordedBy.Length: > 200 } => ("recordedBy", "at most 200 characters"),
        _ => null,
    };

    public MaintenanceReport ToReport() => new(Id, Asset, Installation, Kind, Frame, At, Note, RecordedBy);
}

/// <summary>A recorded event. <see cref="Position"/> grows with every one.</summary>
internal sealed record MaintenanceResponse(
    long Position, string Id, string Asset, int Installation, MaintenanceKind Kind, long Frame, DateTimeOffset At, string? Note, string? RecordedBy)
{
    public static MaintenanceResponse From(RecordedMaintenance recorded)
    {
        var e = recorded.Event;
        return new(recorded.Position, e.Id, e.Asset, e.Installation, e.Kind, e.Frame, e.At, e.Note, e.RecordedBy);
    }
}
