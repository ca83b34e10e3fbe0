namespace MlOps.Edge.Cloud.Telemetry.Sqlite;

/// <summary>What became of batches that were written together, and what is to be remembered of them once that is committed.</summary>
internal sealed class AppendedGroup(UnitLedger ledger, int batches)
{
    private readonly List<AppendOutcome> _outcomes = new(batches);
    private readonly List<(BatchRun Run, long Position)> _stored = [];
    private readonly List<Action> _after = [];

    public IReadOnlyList<AppendOutcome> Outcomes => _outcomes;

    public void Add(AppendOutcome outcome) => _outcomes.Add(outcome);

    /// <summary>The ledger is to know of it.</summary>
    /// <param name="position">Of its last batch.</param>
    public void Note(BatchRun run, long position) => _stored.Add((run, position));

    public void After(Action action) => _after.Add(action);

    /// <summary>Called once all of it is on disk.</summary>
    public void Confirm()
    {
        foreach (var action in _after)
        {
            action();
        }

        ledger.Note(_stored);
    }
}
