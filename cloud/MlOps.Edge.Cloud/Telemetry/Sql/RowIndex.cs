using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>By what rows are found: their readings by unit and time, all else by unit.</summary>
internal sealed class RowIndex(IUnitBook units)
{
    /// <summary>Takes a row out, before anything of it goes.</summary>
    public void Remove(SqlSession session, BatchRow row)
    {
        // An entry may stand for several blocks of the row that follow each other.
        foreach (var unit in row.Readings.GroupBy(UnitOf))
        {
            var times = unit.Select(row.LastTimeOf).ToList();
            session.Run(
                "DELETE FROM telemetry_block WHERE unit = $1 AND last_time BETWEEN $2 AND $3 AND position = $4", unit.Key, times.Min(), times.Max(), row.Position);
        }

        // Where blocks were merged a row may have been mentioned for the sake of its readings alone.
        foreach (var unit in row.Batches.SelectMany(batch => Others(batch.Content)).Concat(row.Readings.Select(UnitOf)).Distinct())
        {
            session.Run("DELETE FROM telemetry_mention WHERE unit = $1 AND position = $2", unit, row.Position);
        }
    }

    /// <summary>Puts in what a row has, once it is written; a batch alone stands at its own position.</summary>
    public void Add(SqlSession session, BatchRow row)
    {
        foreach (var batch in row.Batches)
        {
            // Two blocks of a batch may end at the same moment; the entry then says when the earlier one begins.
            foreach (var blocks in batch.Content.Readings.GroupBy(readings => (Unit: UnitOf(readings), Last: row.LastTimeOf(readings))))
            {
                session.Run(
                    "INSERT INTO telemetry_block (unit, last_time, position, first_time) VALUES ($1, $2, $3, $4)", blocks.Key.Unit, blocks.Key.Last, batch.Position, blocks.Min(row.FirstTimeOf));
            }

            foreach (var unit in Others(batch.Content).Distinct())
            {
                session.Run("INSERT INTO telemetry_mention (unit, position) VALUES ($1, $2) ON CONFLICT DO NOTHING", unit, batch.Position);
            }
        }
    }

    private IEnumerable<long> Others(TelemetryBatch batch) =>
    [
        .. batch.Predictions.Select(p => UnitOf(p.Asset, p.Installation)),
        .. batch.Sketches.Select(s => UnitOf(s.Asset, s.Installation)),
        .. batch.Summaries.Select(s => UnitOf(s.Asset, s.Installation)),
    ];

    private long UnitOf(Readings readings) => UnitOf(readings.Asset, readings.Installation);

    private long UnitOf(string asset, uint installation) => units.IdOf(BatchCheck.Unit(asset, installation)) ?? 0;
}
