namespace MlOps.Edge.Agent.Outbox;

/// <summary>Streams of a file that decayed, until a gap record tells of them.</summary>
internal sealed class DamagedTable(OutboxConnection file)
{
    private readonly List<(long Stream, long Readings)> _streams = [];

    /// <summary>Each with the values that its waiting batches had, as far as that could be read.</summary>
    public IReadOnlyList<(long Stream, long Readings)> Streams => _streams;

    /// <summary>Makes memory what the file is.</summary>
    public void Load()
    {
        _streams.Clear();
        using var command = file.Command("SELECT stream, readings FROM damaged ORDER BY stream");
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            _streams.Add((row.GetInt64(0), row.GetInt64(1)));
        }
    }

    public void Clear()
    {
        file.Execute("DELETE FROM damaged");
        _streams.Clear();
    }
}
