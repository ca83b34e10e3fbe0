using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Assets;

/// <summary>What a maintenance event may say, whoever stores it.</summary>
internal static class MaintenanceRules
{
    /// <exception cref="InvalidMaintenanceEventException">The event makes no sense by itself.</exception>
    public static void Check(MaintenanceEvent entry)
    {
        var wrong = entry switch
        {
            { Id.Length: 0 or > 200 } => "A maintenance event needs an id of 1 to 200 characters.",
            _ when !AssetId.TryParse(entry.Asset, null, out _) => $"'{entry.Asset}' is not an asset id.",
            { Installation: < 0 } => $"The installation of {entry.Asset} is {entry.Installation}; it counts from 0.",
            { Frame: < 0 } => $"The frame of {entry.Asset}#{entry.Installation} is {entry.Frame}; it counts from 0.",
            _ when !Enum.IsDefined(entry.Kind) => $"{(int)entry.Kind} is not a kind of maintenance event.",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new InvalidMaintenanceEventException(wrong);
        }
    }

    /// <summary>Null where the event may follow what is recorded of its unit; else why not.</summary>
    public static string? Refusal(MaintenanceEvent entry, IEnumerable<RecordedMaintenance> recorded)
    {
        var events = recorded.Select(r => r.Event).ToList();
        if (events.Find(e => Ends(e.Kind)) is { } end)
        {
            return Ends(entry.Kind) || entry.Frame > end.Frame
                ? $"The unit {entry.Unit} ended already ({Word(end.Kind)} at frame {end.Frame}, event '{end.Id}')."
                : null;
        }

        var last = events.MaxBy(e => e.Frame);
        return Ends(entry.Kind) && last is not null && last.Frame > entry.Frame
            ? $"The unit {entry.Unit} cannot have ended at frame {entry.Frame}: event '{last.Id}' saw it at frame {last.Frame}."
            : null;
    }

    public static bool Ends(MaintenanceKind kind) => kind is MaintenanceKind.Failure or MaintenanceKind.Replaced;

    private static string Word(MaintenanceKind kind) => kind == MaintenanceKind.Failure ? "failure" : "replaced";
}
