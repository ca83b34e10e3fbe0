using System.Collections.Concurrent;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Postgres;

/// <summary>Units as the database has them: it is right with each commit, whoever wrote.</summary>
internal sealed class PostgresUnits(PostgresDatabase database) : IUnitBook
{
    private readonly ConcurrentDictionary<UnitRef, long> _numbers = [];
    private int _losses;

    public IReadOnlyList<UnitEntry> Entries => database.ReadNow(All);

    public long UnitsPosition => long.MaxValue;

    public static List<UnitEntry> All(SqlSession session) => session.Query(UnitEntry.Select, UnitEntry.Read);

    public UnitEntry? Find(UnitRef unit) => database.ReadNow(session => Find(session, unit));

    public Task<UnitEntry?> FindAsync(UnitRef unit, CancellationToken cancellationToken) => database.ReadAsync(session => Find(session, unit), cancellationToken);

    public long? IdOf(UnitRef unit)
    {
        // Behind a connection that broke there may be a server that was brought back from a copy, with other numbers.
        if (Interlocked.Exchange(ref _losses, database.Losses) != database.Losses)
        {
            _numbers.Clear();
        }

        if (!_numbers.TryGetValue(unit, out var number) && Find(unit) is { } found)
        {
            _numbers[unit] = number = found.Id;
        }

        return number == 0 ? null : number;
    }

    private static UnitEntry? Find(SqlSession session, UnitRef unit)
    {
        var asset = unit.Asset.ToString();
        return session.First($"{UnitEntry.Select} WHERE asset = $1 AND installation = $2", UnitEntry.Read, asset, unit.Installation);
    }
}
