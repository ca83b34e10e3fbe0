using System.Globalization;
using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>What the plant's maintenance system tells the cloud.</summary>
internal static class Bookings
{
    /// <summary>The same booking always has the same id, so that it may be told again.</summary>
    public static MaintenanceBody Body(FleetPlan plan, Stint stint, MaintenanceNote note, DateTimeOffset? at = null) => new(
        string.Create(CultureInfo.InvariantCulture, $"{stint.Place.Asset}.{stint.Installation}.{note.Code}.{note.Age}"),
        stint.Place.Asset, stint.Installation, note.Code, note.Age, at ?? plan.TimeOf(note.Tick), null, "maintenance");
}
