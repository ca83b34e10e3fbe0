using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>What can never be stored, put aside for a person to look at.</summary>
internal static class DeadLetterWrites
{
    // A device that sends garbage for ever must not fill the disk; the newest of its dead letters say enough.
    private const int PerDevice = 200;

    /// <summary>A batch under whose key other bytes are stored.</summary>
    /// <inheritdoc cref="Bury"/>
    public static bool BuryConflict(SqlSession session, TelemetryRecord record, byte[] hash) => Bury(
        session, record.Device.ToString(), record.Payload, hash,
        $"other bytes are stored under sequence {record.Sequence} of stream {Convert.ToHexStringLower(record.StreamEpoch)}", record.ReceivedAt);

    /// <param name="hash">SHA-256 of the payload.</param>
    /// <returns>Whether it was new.</returns>
    public static bool Bury(SqlSession session, string device, byte[] payload, byte[] hash, string reason, DateTimeOffset receivedAt)
    {
        var buried = session.Execute(
            "INSERT INTO telemetry_dead_letter (device, received_at, reason, hash, payload) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            device, receivedAt.UtcTicks, reason, hash, payload);
        session.Run(
            "DELETE FROM telemetry_dead_letter WHERE device = $1 AND id <= (SELECT id FROM telemetry_dead_letter WHERE device = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            device, PerDevice);
        return buried == 1;
    }
}
