using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What a store knows of its units.</summary>
internal interface IUnitBook
{
    /// <summary>Every unit, as it is now.</summary>
    IReadOnlyList<UnitEntry> Entries { get; }

    /// <summary>Of the units, all that is of this batch or an earlier one is saved.</summary>
    long UnitsPosition { get; }

    /// <returns>The unit as it is now; null: nothing was ever stored of it.</returns>
    UnitEntry? Find(UnitRef unit);

    /// <returns>Its number in the store, which never changes.</returns>
    long? IdOf(UnitRef unit);
}
