namespace MlOps.Edge.Agent.Outbox.Room;

/// <summary>How many values ever made room, by the reason that their gap record gives.</summary>
internal sealed class GoneTable(OutboxConnection file)
{
    private readonly Dictionary<string, long> _readings = [];

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _readings.Clear();
        using var command = file.Command("SELECT reason, readings FROM gone");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            _readings[row.GetString(0)] = row.GetInt64(1);
        }
    }

    public long this[string reason] => _readings.GetValueOrDefault(reason);

    public void Add(Run run)
    {
        _readings[run.Reason] = this[run.Reason] + run.Readings;
        file.Execute("INSERT OR REPLACE INTO gone (reason, readings) VALUES ($reason, $readings)", ("$reason", run.Reason), ("$readings", _readings[run.Reason]));
    }
}
