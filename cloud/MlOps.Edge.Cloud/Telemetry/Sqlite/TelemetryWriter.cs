using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry.Sql;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>Gives batches their positions and hands them to the database's writer. Where the database is open to read only it just knows what is stored.</summary>
internal sealed class TelemetryWriter : IDisposable
{
    // What a crash leaves to be read again, and how much of a transaction may go into saving what is known of units.
    private const int SaveAfter = 1000;
    private const int UnitsAtOnce = 256;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(1);

    private readonly SqliteDatabase _database;
    private readonly BatchWrites _writes;
    private long _position;
    private long _savedAt;
    private int _sinceSave;

    private TelemetryWriter(SqliteDatabase database, UnitLedger ledger, long head)
    {
        (_database, Ledger, _position) = (database, ledger, head);
        _writes = new(ledger);
        _savedAt = TimeProvider.System.GetTimestamp();
    }

    public UnitLedger Ledger { get; }

    public static TelemetryWriter Open(SqliteDatabase database, ISchemaBook schemas) => database.ReadNow(session =>
    {
        var ledger = new UnitLedger(session);
        Catch(session, ledger, schemas);
        return new TelemetryWriter(database, ledger, TelemetryReads.Head(session));
    });

    public async Task<IReadOnlyList<AppendOutcome>> AppendAsync(IReadOnlyList<TelemetryRecord> records, CancellationToken cancellationToken)
    {
        // Here, not on the writer's thread: devices have many, it is one.
        var runs = BatchRun.Of(records);
        var appended = await _database.WriteAsync(session => Append(session, runs, records.Count), written => written.Confirm(), cancellationToken);
        return appended.Outcomes;
    }

    public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        var (name, hash) = (device.ToString(), SHA256.HashData(payload));
        return _database.WriteAsync(
            session => DeadLetterWrites.Bury(session, name, payload, hash, reason, receivedAt),
            buried =>
            {
                if (buried)
                {
                    Ledger.NoteDeadLetter();
                }
            },
            cancellationToken);
    }

    /// <summary>For upkeep: sequences became ranges, so what is remembered of streams is read anew.</summary>
    public void ForgetStreams() => _writes.ForgetStreams();

    /// <summary>Saves what is known of units, so that the next start has nothing to read again.</summary>
    public void Dispose()
    {
        if (!_database.IsReadOnly)
        {
            _database.WriteAsync(session => Ledger.Save(session, int.MaxValue), save => save?.Confirm(), CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    // Called again if the transaction failed: a position that was given and not used stays unused.
    private AppendedGroup Append(SqliteSession session, IReadOnlyList<BatchRun> runs, int batches)
    {
        var group = new AppendedGroup(Ledger, batches);
        if (IsSaveDue(batches) && Ledger.Save(session, UnitsAtOnce) is { } save)
        {
            group.After(save.Confirm);
        }

        foreach (var run in runs)
        {
            _writes.Append(session, run, _position + 1, group);
            _position += run.Records.Count;
        }

        return group;
    }

    private bool IsSaveDue(int batches)
    {
        if ((_sinceSave += batches) < SaveAfter && TimeProvider.System.GetElapsedTime(_savedAt) < SaveEvery)
        {
            return false;
        }

        (_sinceSave, _savedAt) = (0, TimeProvider.System.GetTimestamp());
        return true;
    }

    // What a process that was killed had stored and not yet counted.
    private static void Catch(SqliteSession session, UnitLedger ledger, ISchemaBook schemas)
    {
        var after = ledger.UnitsPosition;
        while (Page(session, after, schemas) is { Count: > 0 } page)
        {
            foreach (var (position, run) in page)
            {
                foreach (var span in run.Units)
                {
                    ledger.Add(UnitEntry.New(UnitId(session, span.Unit.Asset, span.Unit.Installation), span, run.Last.Device));
                }

                ledger.Note([(run, position)]);
                after = position;
            }
        }
    }

    private static long UnitId(SqliteSession session, AssetId asset, int installation) =>
        session.First("SELECT id FROM telemetry_unit WHERE asset = $1 AND installation = $2", row => row.GetInt64(0), asset.ToString(), installation);

    private static List<(long Position, BatchRun Run)> Page(SqliteSession session, long after, ISchemaBook schemas) => session.Query(
        $"{TelemetryReads.Batches(SqliteEngine.Count)} WHERE b.position > $1 ORDER BY b.position LIMIT 500",
        row =>
        {
            var batches = TelemetryReads.ReadBatches(row, schemas);
            return (row.GetInt64(0), BatchRun.OfRow([.. batches.Select(b => BatchCheck.Check(b.Device, b.Payload, DateTimeOffset.UnixEpoch, schemas).Under(b.Clock))]));
        },
        after);
}
