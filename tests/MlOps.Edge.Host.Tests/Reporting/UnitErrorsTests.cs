using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class UnitErrorsTests
{
    private static UnitError Unit(double meanSquared, long windows = 1, long covered = 0, double width = 0) => new("u", windows, meanSquared * windows, covered, width * windows);

    [Fact]
    public async Task A_unit_s_error_caps_truth_and_prediction_alike()
    {
        // It lived to frame 200: the truth is capped at 125 at frame 0, 40 at frame 160, 0 at frame 200.
        var unit = await new Fields().Readings("pump-1#1", 0, 200).Maintenance("pump-1#1", MaintenanceKind.Failure, 200)
            .Predictions("pump-1#1", 1, (0, 180, 120, 130), (160, 43, 41, 50), (200, 4, 0, 10)).UnitAsync("pump-1#1");
        var error = UnitError.Of(unit, 1, cap: 125)!;
        Assert.Equal(3, error.Windows);
        Assert.Equal(0 + 9 + 16, error.SumSquared, 6);
        Assert.Equal(2, error.Covered);
        Assert.Equal(10 + 9 + 10, error.SumWidth, 6);
        Assert.Equal(16, UnitError.Of(unit, 1, 125, frame => frame == 200)!.SumSquared, 6);
        Assert.Null(UnitError.Of(unit, 2, 125));
    }

    [Fact]
    public async Task A_unit_that_still_runs_has_no_truth()
    {
        var unit = await new Fields().Readings("pump-1#1", 0, 9).Predictions("pump-1#1", 1, (5, 1, 0, 2)).UnitAsync("pump-1#1");
        Assert.Contains("pump-1#1", Assert.Throws<InvalidOperationException>(() => UnitError.Of(unit, 1, 125)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Units_weigh_the_same_however_many_windows_they_have()
    {
        UnitError[] units = [Unit(4, windows: 1, covered: 1, width: 10), Unit(16, windows: 300, covered: 150, width: 30)];
        Assert.Equal(Math.Sqrt(10), UnitErrors.Rmse(units)!.Value, 12);
        Assert.Equal(0.75, UnitErrors.Coverage(units)!.Value, 12);
        Assert.Equal(20, UnitErrors.MeanWidth(units)!.Value, 12);
    }

    [Fact]
    public void Of_no_unit_there_is_no_figure()
    {
        Assert.Null(UnitErrors.Rmse([]));
        Assert.Null(UnitErrors.Coverage([]));
        Assert.Null(UnitErrors.MeanWidth([]));
        Assert.Null(UnitErrors.RatioUpper([Unit(1)], [Unit(2)], 0.9));
    }

    [Fact]
    public void The_limit_of_a_constant_ratio_is_the_ratio_and_an_uncertain_one_lies_above_it()
    {
        var below = Enumerable.Range(1, 30).Select(i => Unit(i)).ToList();
        Assert.Equal(0.5, UnitErrors.RatioUpper([.. below.Select(u => Unit(u.MeanSquared / 4))], below, 0.9)!.Value, 9);

        var mixed = below.Select((u, i) => Unit(u.MeanSquared * (i % 2 == 0 ? 0.1 : 0.6))).ToList();
        var ratio = UnitErrors.Rmse(mixed)!.Value / UnitErrors.Rmse(below)!.Value;
        var (limit90, limit50) = (UnitErrors.RatioUpper(mixed, below, 0.9)!.Value, UnitErrors.RatioUpper(mixed, below, 0.5)!.Value);
        Assert.InRange(limit90, ratio, Math.Sqrt(0.6));
        Assert.True(limit50 < limit90);
        Assert.Equal(limit90, UnitErrors.RatioUpper(mixed, below, 0.9));
    }

    [Fact]
    public void A_ratio_of_other_units_is_refused() =>
        Assert.Throws<ArgumentException>(() => UnitErrors.RatioUpper([Unit(1)], [Unit(1), Unit(2)], 0.9));
}
