using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Contracts;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class FieldScoresTests
{
    private const int Change = 60;
    private const double Cap = 125;

    private readonly Fields _field = new();

    [Fact]
    public async Task Before_the_change_are_the_whole_lives_of_machines_that_went_into_service_before_it()
    {
        Life("pump-1#1", end: 50);
        Life("pump-2#1", end: 99);
        Life("pump-3#1", end: 99, first: 61);

        Assert.Equal([("pump-1#1", 51L), ("pump-2#1", 100L)], (await ScoresAsync("NewFault")).BeforeChange(1).Select(e => (e.Unit, e.Windows)));
        Assert.Equal([51L, 100L, 39L], (await ScoresAsync("NewFault")).All(1).Select(e => e.Windows));
    }

    [Fact]
    public async Task Where_nothing_changes_all_of_it_was_before()
    {
        Life("pump-1#1", end: 50);
        Life("pump-2#1", end: 99);
        Assert.Equal([51L, 100L], (await ScoresAsync("None")).BeforeChange(1).Select(e => e.Windows));
    }

    [Fact]
    public async Task A_failure_that_was_booked_falsely_is_no_truth()
    {
        Life("pump-1#1", end: 50);
        Life("pump-2#1", end: 99);
        Assert.Equal(["pump-1#1"], (await ScoresAsync("BadRetrain")).All(1).Select(e => e.Unit));
    }

    [Fact]
    public async Task Machines_of_the_history_a_unit_still_running_and_one_with_few_windows_say_nothing()
    {
        Life("recorded-1#1", end: 50);
        Life("pump-2#1", end: 8);
        _field.Readings("pump-1#1", 0, 40).Predictions("pump-1#1", 1, [.. Said(40)]);
        Assert.Empty((await ScoresAsync("NewFault")).All(1));
    }

    [Fact]
    public async Task Versions_are_compared_on_unknown_units_that_failed_after_the_change_and_the_running_ones_are_counted()
    {
        Life("pump-1#1", end: 50, versions: 2);
        Life("pump-2#1", end: 99, versions: 2);
        Life("pump-3#1", end: 80, versions: 2);
        Life("pump-4#1", end: 90);
        _field.Readings("pump-1#2", 0, 40).Predictions("pump-1#2", 1, [.. Said(40)]).Predictions("pump-1#2", 2, [.. Said(40)]);
        var scores = await ScoresAsync("NewFault");
        HashSet<string> known = ["pump-3#1"];

        var scored = scores.Scored(known);

        Assert.Equal(["pump-2#1"], scored.Select(u => u.Id.ToString()));
        Assert.Equal(new CohortLifetimes(1, 100, 1, 41), scores.Censoring(scored, known));
        Assert.Equal(100, Assert.Single(scores.Shared(scored, 2)).Windows);
    }

    [Fact]
    public async Task What_models_say_when_run_again_is_scored_on_the_windows_of_what_devices_said()
    {
        Life("pump-1#1", end: 99, versions: 2);
        var scores = await ScoresAsync("NewFault", (unit, version) => unit.PredictionsOf(version).ToDictionary(p => p.Key, p => p.Value with { Rul = p.Value.Rul + 2, Upper = 0 }));

        var (again, shared) = (Assert.Single(scores.BeforeChange(1)), Assert.Single(scores.Shared(scores.Scored(new HashSet<string>()), 2)));

        Assert.Equal((100, 4.0, 1), (again.Windows, again.MeanSquared, again.Covered));
        Assert.Equal((100, 4.0, 1), (shared.Windows, shared.MeanSquared, shared.Covered));
    }

    private void Life(string unit, long end, int versions = 1, long first = 0)
    {
        _field.Readings(unit, first, end).Maintenance(unit, MaintenanceKind.Failure, end);
        for (var version = 1; version <= versions; version++)
        {
            _field.Predictions(unit, version, [.. Said(end, first)]);
        }
    }

    private static IEnumerable<(long Frame, float Rul, float Lower, float Upper)> Said(long end, long first = 0) =>
        Enumerable.Range((int)first, (int)(end - first) + 1).Select(frame => ((long)frame, (float)(end - frame), 0f, 125f));

    private async Task<FieldScores> ScoresAsync(string change, Func<FieldUnit, int, IReadOnlyDictionary<long, FieldPrediction>>? said = null)
    {
        PlantStint[] stints = [.. Enumerable.Range(1, 4).Select(i => new PlantStint($"edge-{i}", $"pump-{i}", 1, $"unit-{i}"))];
        PlantPlan plan = new("a test", "pump-rul", Fields.Start, 3600, 2, 4, [], new(1, change, change == "None" ? null : Change, null, stints));
        return new(new() { Plan = plan, Produced = new Dictionary<UnitRef, IReadOnlySet<long>>() }, await _field.LoadAsync(), Cap, said);
    }
}
