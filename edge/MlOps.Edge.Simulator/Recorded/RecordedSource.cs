using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>
/// Units that really lived. The seed shuffles them: three fifths of the first recording are the history, the rest goes into
/// the field; the second recording, with another fault mode, comes later.
/// </summary>
internal sealed class RecordedSource : IMachineSource
{
    private const double HistoryShare = 0.6;

    private readonly Dictionary<string, RecordedUnit> _units;

    public RecordedSource(Recording first, Recording? second, long seed)
    {
        Kind = first.Kind;
        _units = first.Units.Concat(second?.Units ?? []).ToDictionary(unit => unit.Name, StringComparer.Ordinal);

        var shuffled = new SeededRandom(seed, "recorded/first").Shuffle(first.Units.Select(unit => unit.Name));
        var history = (int)Math.Round(shuffled.Count * HistoryShare);
        Pools = new UnitPools
        {
            History = [.. shuffled.Take(history)],
            First = [.. shuffled.Skip(history)],
            Second = new SeededRandom(seed, "recorded/second").Shuffle((second?.Units ?? []).Select(unit => unit.Name)),
        };
    }

    public MachineKind Kind { get; }

    public UnitPools Pools { get; }

    public int LifeOf(string unit) => Find(unit).Frames;

    public IMachine Create(string unit) => new RecordedMachine(Kind, Find(unit));

    private RecordedUnit Find(string unit) => _units.TryGetValue(unit, out var found)
        ? found
        : throw new ArgumentException($"no unit '{unit}' was recorded", nameof(unit));
}
