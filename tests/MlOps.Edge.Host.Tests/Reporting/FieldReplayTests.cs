using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class FieldReplayTests
{
    [Fact]
    public async Task Every_frame_of_a_unit_counts_once_and_what_comes_again_is_a_duplicate()
    {
        var replay = await new Fields().Readings("pump-1#1", 0, 9).Readings("pump-1#1", 8, 11).Readings("pump-1#2", 0, 0).LoadAsync();
        Assert.Equal((12 + 1) * 2, replay.StoredReadings);
        Assert.Equal(2 * 2, replay.DuplicateReadings);
        Assert.Equal(["pump-1#1", "pump-1#2"], replay.Units.Select(u => u.Id.ToString()));
    }

    [Fact]
    public async Task A_frame_keeps_the_time_at_which_it_was_taken()
    {
        var unit = await new Fields().Readings("pump-1#1", 3, 5).UnitAsync("pump-1#1");
        Assert.Equal((3L, 5L), (unit.FirstFrame, unit.LastFrame));
        Assert.Equal(Fields.Start.AddHours(4), unit.TimeOf(4));
    }

    [Fact]
    public async Task Only_a_failure_or_a_replacement_ends_a_unit()
    {
        var field = new Fields().Readings("pump-1#1", 0, 9).Readings("pump-2#1", 0, 9).Readings("pump-3#1", 0, 9)
            .Maintenance("pump-1#1", MaintenanceKind.Failure, 9).Maintenance("pump-2#1", MaintenanceKind.Replaced, 9).Maintenance("pump-3#1", MaintenanceKind.Inspected, 5);
        Assert.True((await field.UnitAsync("pump-1#1")).Failed);
        var replaced = await field.UnitAsync("pump-2#1");
        Assert.NotNull(replaced.End);
        Assert.False(replaced.Failed);
        Assert.Null((await field.UnitAsync("pump-3#1")).End);
    }

    [Fact]
    public async Task A_stretch_ends_where_another_version_becomes_the_active_one()
    {
        var unit = await new Fields()
            .Predictions("pump-1#1", 2, PredictionRole.Shadow, (0, 50, 40, 60), (1, 49, 39, 59)).Predictions("pump-1#1", 2, (2, 48, 38, 58), (3, 47, 37, 57))
            .Predictions("pump-1#1", 1, (0, 70, 30, 90), (1, 69, 29, 89)).Predictions("pump-1#1", 1, PredictionRole.Shadow, (2, 68, 28, 88), (3, 67, 27, 87))
            .Predictions("pump-1#1", 1, (4, 66, 26, 86)).UnitAsync("pump-1#1");
        var stretches = unit.ActiveStretches().Select(s => (s.Version, string.Join(' ', s.Windows.Select(w => w.Frame)), s.Windows[0].Said.Lower));
        Assert.Equal([(1, "0 1", 30f), (2, "2 3", 38f), (1, "4", 26f)], stretches);
        Assert.Equal([1, 2], unit.Versions);
    }

    [Fact]
    public async Task What_a_version_said_first_of_a_frame_stands()
    {
        var unit = await new Fields().Predictions("pump-1#1", 1, (4, 50, 40, 60)).Predictions("pump-1#1", 1, (4, 10, 0, 20)).Predictions("pump-1#1", 2, (4, 30, 20, 40)).UnitAsync("pump-1#1");
        Assert.Equal(50, Assert.Single(unit.PredictionsOf(1)).Value.Rul);
        Assert.Equal(30, Assert.Single(unit.PredictionsOf(2)).Value.Rul);
        Assert.Empty(unit.PredictionsOf(3));
    }
}
