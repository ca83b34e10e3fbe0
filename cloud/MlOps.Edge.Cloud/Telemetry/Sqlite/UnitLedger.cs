using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>
/// What is known of every unit, and the totals. A row for each unit changes with each batch: they are kept in memory and saved a few hundred
/// at a time; what a crash left unsaved is read again from the batches. The one writer changes it, anyone may look.
/// </summary>
internal sealed class UnitLedger : IUnitBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UnitRef, UnitEntry> _units = [];

    // Those that changed since they were saved, the longest ago first.
    private readonly Queue<UnitEntry> _unsaved = [];
    private TelemetryTotals _totals;
    private bool _totalsChanged;
    private long _saves;

    /// <summary>Takes what is saved.</summary>
    public UnitLedger(SqliteSession session)
    {
        session.Query(UnitEntry.Select, UnitEntry.Read).ForEach(entry => _units.Add(entry.Unit, entry));
        (Position, UnitsPosition, _totals) = session.First(
            "SELECT position, units_position, batches, readings, bytes, duplicates, dead_letters FROM telemetry_total",
            row => (row.GetInt64(0), row.GetInt64(1), new TelemetryTotals(row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6))));
        if (_totals is null)
        {
            throw new StoreException("The database has no telemetry totals; restore it from a backup.");
        }
    }

    /// <summary>The batch that was noted last; all before it are noted too.</summary>
    public long Position { get; private set; }

    /// <summary>Of the units, all that is of this batch or an earlier one is saved.</summary>
    public long UnitsPosition { get; private set; }

    public TelemetryTotals Totals
    {
        get
        {
            lock (_gate)
            {
                return _totals;
            }
        }
    }

    public UnitEntry? Find(UnitRef unit)
    {
        lock (_gate)
        {
            return _units.GetValueOrDefault(unit);
        }
    }

    public long? IdOf(UnitRef unit) => Find(unit)?.Id;

    /// <summary>Every unit, as it is now.</summary>
    public IReadOnlyList<UnitEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _units.Values];
            }
        }
    }

    /// <summary>Every unit that was read, ordered by asset and installation.</summary>
    public IReadOnlyList<UnitExtent> List()
    {
        lock (_gate)
        {
            return UnitEntry.ToExtents(_units.Values);
        }
    }

    public void Add(UnitEntry entry)
    {
        lock (_gate)
        {
            _units.TryAdd(entry.Unit, entry);
        }
    }

    /// <summary>Takes in committed batches, each run with the position of its last one. What was noted before changes no total.</summary>
    public void Note(IReadOnlyList<(BatchRun Run, long Position)> runs)
    {
        lock (_gate)
        {
            var (count, readings, bytes) = (0, 0L, 0L);
            foreach (var (run, position) in runs)
            {
                var held = Take(run, position);
                if (position > Position)
                {
                    Position = position;
                    (count, readings, bytes) = (count + run.Records.Count, readings + held, bytes + run.Bytes);
                }
            }

            if (count > 0)
            {
                _totals = _totals with { Batches = _totals.Batches + count, Readings = _totals.Readings + readings, Bytes = _totals.Bytes + bytes };
                _totalsChanged = true;
            }
        }
    }

    /// <summary>A block of the unit became this long; that is saved already.</summary>
    public void NoteLength(UnitEntry entry, long ms)
    {
        lock (_gate)
        {
            entry.LongestMs = Math.Max(entry.LongestMs, ms);
        }
    }

    public void NoteDuplicate()
    {
        lock (_gate)
        {
            (_totals, _totalsChanged) = (_totals with { Duplicates = _totals.Duplicates + 1 }, true);
        }
    }

    public void NoteDeadLetter()
    {
        lock (_gate)
        {
            (_totals, _totalsChanged) = (_totals with { DeadLetters = _totals.DeadLetters + 1 }, true);
        }
    }

    /// <summary>Writes the totals and the units that changed longest ago, within a transaction of the caller's.</summary>
    /// <returns>To be confirmed once that is committed; null: nothing has changed.</returns>
    public LedgerSave? Save(SqliteSession session, int most)
    {
        if (_unsaved.Count == 0 && !_totalsChanged)
        {
            return null;
        }

        UnitEntry[] saved = [.. _unsaved.Take(most)];
        foreach (var entry in saved)
        {
            session.Execute(
                "UPDATE telemetry_unit SET machine_kind = $2, device = $3, first_frame = $4, last_frame = $5, last_time = $6, longest = $7, schema = $8, latest = $9 WHERE id = $1",
                entry.Id, entry.MachineKind, entry.Device.ToString(), entry.FirstFrame, entry.LastFrame, entry.LastTimeMs, entry.LongestMs, entry.Schema, FloatBytes.Encode(entry.Latest));
        }

        var unitsPosition = _unsaved.Skip(saved.Length).FirstOrDefault()?.UnsavedSince - 1 ?? Position;
        session.Execute(
            "UPDATE telemetry_total SET position = $1, units_position = $2, batches = $3, readings = $4, bytes = $5, duplicates = $6, dead_letters = $7",
            Position, unitsPosition, _totals.Batches, _totals.Readings, _totals.Bytes, _totals.Duplicates, _totals.DeadLetters);
        var taken = _saves;
        return new(() => Saved(saved, unitsPosition, taken));
    }

    /// <returns>The readings that it holds.</returns>
    private long Take(BatchRun run, long position)
    {
        var readings = 0L;
        foreach (var span in run.Units)
        {
            if (span.Readings == 0)
            {
                continue;
            }

            readings += span.Readings;

            var entry = _units[span.Unit];
            if (entry.Take(span, run.Last.Device) && entry.UnsavedSince == 0)
            {
                entry.UnsavedSince = position;
                _unsaved.Enqueue(entry);
            }
        }

        return readings;
    }

    // The writer notes nothing between the save and its confirmation. Of two in one transaction the second has nothing to add.
    private void Saved(UnitEntry[] saved, long unitsPosition, long taken)
    {
        lock (_gate)
        {
            if (taken != _saves)
            {
                return;
            }

            _saves++;
            foreach (var entry in saved)
            {
                _unsaved.Dequeue().UnsavedSince = 0;
            }

            (UnitsPosition, _totalsChanged) = (unitsPosition, false);
        }
    }
}

/// <summary>A save that counts once its transaction is committed.</summary>
internal sealed record LedgerSave(Action Confirm);
