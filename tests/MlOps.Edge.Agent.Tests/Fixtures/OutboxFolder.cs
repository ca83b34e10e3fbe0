using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>An outbox in a folder of its own, that a test may leave as a kill leaves it and open again.</summary>
internal sealed class OutboxFolder : IDisposable
{
    private readonly List<IDisposable> _opened = [];
    private SqliteConnection? _connection;

    public string Path { get; } = Directory.CreateTempSubdirectory("mlops-outbox-").FullName;

    public Agent.Outbox.Outbox Open(Action<OutboxOptions>? configure = null, TimeProvider? clock = null)
    {
        var options = new OutboxOptions();
        configure?.Invoke(options);
        return Open(options, clock ?? TimeProvider.System);
    }

    public Agent.Outbox.Outbox Open(OutboxOptions options, TimeProvider clock)
    {
        var (connection, fault) = OutboxFile.Open(Path, NullLogger.Instance);
        var outbox = new Agent.Outbox.Outbox(connection, fault, new(DeviceId.Parse("pump-07"), "default", "s"), options, historyFrames: 3, clock, damage => OutboxFile.Renew(Path, damage, NullLogger.Instance));
        _connection = connection;
        _opened.Add(outbox);
        return outbox;
    }

    /// <summary>Leaves no room on the disk for the newest outbox.</summary>
    public void Fill() => Limit(1); // SQLite takes what there is as the least

    public void MakeRoom() => Limit(1_000_000);

    /// <summary>The newest outbox takes no write at all, however small, or takes them again.</summary>
    public void SetReadOnly(bool on)
    {
        using var command = _connection!.CreateCommand();
        command.CommandText = $"PRAGMA query_only = {(on ? 1 : 0)}";
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        _opened.ForEach(opened => opened.Dispose());
        Directory.Delete(Path, recursive: true);
    }

    /// <summary>Brings all that was committed into the file itself.</summary>
    public void Checkpoint()
    {
        using var command = _connection!.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private void Limit(int pages)
    {
        using var command = _connection!.CreateCommand();
        command.CommandText = $"PRAGMA max_page_count = {pages}";
        command.ExecuteNonQuery();
    }
}

internal static class OutboxLooks
{
    /// <summary>All that waits, in order.</summary>
    public static IReadOnlyList<TelemetryBatch> All(this Agent.Outbox.Outbox outbox)
    {
        var all = new List<TelemetryBatch>();
        for (var batch = outbox.After(default); batch is not null; batch = outbox.After(batch.Key))
        {
            all.Add(TelemetryBatch.Parser.ParseFrom(batch.Payload));
        }

        return all;
    }

    /// <summary>The epoch of the first batch that waits.</summary>
    public static string Epoch(this Agent.Outbox.Outbox outbox) => Convert.ToHexStringLower(outbox.All()[0].StreamEpoch.Span);
}
