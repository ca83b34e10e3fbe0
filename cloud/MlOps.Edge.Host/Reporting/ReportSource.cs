using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Host.Reporting;

/// <summary>All that the pictures are drawn from.</summary>
/// <param name="Frames">Raw frames of the unit that is shown as an example: age, then C values.</param>
/// <param name="Example">A unit that failed in the field with predictions to its end; null: none did.</param>
/// <param name="Scores">Drift score over its threshold, per channel and evaluation.</param>
internal sealed record ReportSource(
    ReportDocument Report,
    ModelDefinition Definition,
    VirtualCalendar Calendar,
    FieldReplay Field,
    FieldUnit? Example,
    IReadOnlyList<(long Frame, float[] Values)> Frames,
    IReadOnlyList<DriftScore> Scores,
    IReadOnlyList<(long From, long To)> Trainings);

/// <param name="Score">1 and more is drift.</param>
internal sealed record DriftScore(long Cycle, string Channel, double Score);

/// <summary>Cycles count sample intervals since the fleet went into service.</summary>
internal sealed record VirtualCalendar(DateTimeOffset Start, TimeSpan Interval)
{
    public long CycleOf(DateTimeOffset time) => (long)Math.Floor((time - Start) / Interval);

    public DateTimeOffset TimeOf(long cycle) => Start + (cycle * Interval);
}
