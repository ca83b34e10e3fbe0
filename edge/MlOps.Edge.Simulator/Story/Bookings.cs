using System.Globalization;
using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>What the plant's maintenance system tells the cloud.</summary>
internal static class Bookings
{
    /// <summary>The same booking always has the same id and content, so that it may be told again, also by a plant that was killed in between.</summary>
    /// <param name="at">When; null: when the frame was taken, as the cloud has stored it.</param>
    public static MaintenanceBody Body(Stint stint, MaintenanceNote note, DateTimeOffset? at) => new(
        string.Create(CultureInfo.InvariantCulture, $"{stint.Place.Asset}.{stint.Installation}.{note.Code}.{note.Age}"),
        stint.Place.Asset, stint.Installation, note.Code, note.Age, at, null, "maintenance");
}
