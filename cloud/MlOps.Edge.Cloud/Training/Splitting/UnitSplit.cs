using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Edge.Cloud.Training.Splitting;

/// <summary>
/// Divides units between learning and judging. A unit keeps its side for ever: a later split starts from an earlier one and
/// assigns only the units that are new, as a cohort of their own. Within a cohort the sides and folds are stratified by
/// length of life and drawn by a hash of seed and id, so that few units still give every side short lives and long ones.
/// </summary>
internal sealed class UnitSplit
{
    private readonly SortedDictionary<string, UnitAssignment> _assignments;

    private UnitSplit(IEnumerable<UnitAssignment> assignments) =>
        _assignments = new(assignments.ToDictionary(assignment => assignment.Unit, StringComparer.Ordinal), StringComparer.Ordinal);

    public static UnitSplit Empty { get; } = new([]);

    /// <summary>All assignments by unit id; what a snapshot remembers.</summary>
    public IReadOnlyCollection<UnitAssignment> Assignments => _assignments.Values;

    public IEnumerable<string> Train => On(UnitSide.Train);

    public IEnumerable<string> Judge => On(UnitSide.Judge);

    /// <exception cref="KeyNotFoundException">The unit was never assigned.</exception>
    public UnitAssignment this[string unit] => _assignments[unit];

    /// <summary>A split that was remembered.</summary>
    public static UnitSplit From(IEnumerable<UnitAssignment> assignments) => new(assignments);

    /// <summary>Assigns the units that this split does not know yet, as the next cohort.</summary>
    public UnitSplit With(IReadOnlyList<UnitHistory> units, long seed, SplitOptions options)
    {
        int cohort = _assignments.Values.Select(assignment => assignment.Cohort + 1).DefaultIfEmpty(0).Max();
        List<UnitHistory> added = [.. units.Where(unit => !_assignments.ContainsKey(unit.Unit))];

        // Only a failed unit has a whole life to judge by.
        List<UnitHistory> failed = Ordered(added.Where(unit => unit.End == UnitEnd.Failed), seed);
        HashSet<string> judges = [.. Strata(failed, (int)Math.Round(failed.Count * options.JudgeFraction))
            .Select(stratum => stratum.MinBy(unit => Hash(unit.Unit, seed))!.Unit)];

        List<UnitHistory> train = Ordered(added.Where(unit => !judges.Contains(unit.Unit)), seed);
        var folds = train.Chunk(options.Folds)
            .SelectMany(stratum => stratum.OrderBy(unit => Hash(unit.Unit, seed)).Select((unit, fold) => (unit.Unit, Fold: fold)));
        return new(
        [
            .. _assignments.Values,
            .. judges.Select(unit => new UnitAssignment(unit, cohort, UnitSide.Judge, Fold: -1)),
            .. folds.Select(unit => new UnitAssignment(unit.Unit, cohort, UnitSide.Train, unit.Fold)),
        ]);
    }

    private static List<UnitHistory> Ordered(IEnumerable<UnitHistory> units, long seed) =>
        [.. units.OrderBy(unit => unit.FirstFrame + unit.Frames).ThenBy(unit => Hash(unit.Unit, seed))];

    private static IEnumerable<List<UnitHistory>> Strata(List<UnitHistory> units, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int start = units.Count * i / count, end = units.Count * (i + 1) / count;
            yield return units[start..end];
        }
    }

    private static ulong Hash(string unit, long seed) => BinaryPrimitives.ReadUInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}/{unit}"))));

    private IEnumerable<string> On(UnitSide side) =>
        _assignments.Values.Where(assignment => assignment.Side == side).Select(assignment => assignment.Unit);
}
