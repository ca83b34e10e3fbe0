using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Tests.Reporting.Charts;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0.0, 100.0, 5, new[] { "0", "20", "40", "60", "80", "100" })]
    [InlineData(0.0, 1172.0, 8, new[] { "0", "200", "400", "600", "800", "1000" })]
    [InlineData(0.13, 0.52, 4, new[] { "0.2", "0.3", "0.4", "0.5" })]
    [InlineData(-3.0, 3.0, 3, new[] { "-2", "0", "2" })]
    [InlineData(0.01, 0.09, 3, new[] { "0.05" })]
    public void Ticks_are_round_numbers_within_the_data(double low, double high, int wanted, string[] labels)
    {
        var axis = new Axis(low, high, 0, 100, wanted);
        Assert.Equal(labels, axis.Ticks.Select(axis.Label));
    }

    [Fact]
    public void Ends_of_the_data_are_ends_of_the_picture_whichever_way_it_runs()
    {
        var axis = new Axis(10, 20, from: 300, to: 0, wantedTicks: 3);
        Assert.Equal((300.0, 150.0, 0.0), (axis.At(10), axis.At(15), axis.At(20)));
    }

    [Theory]
    [InlineData(7.0, 7.0)]
    [InlineData(0.0, 0.0)]
    [InlineData(double.NaN, double.NaN)]
    public void Data_of_one_value_or_none_still_make_an_axis(double low, double high)
    {
        var axis = new Axis(low, high, 0, 100, 3);
        if (!double.IsNaN(low))
        {
            Assert.Equal(50, axis.At(low));
            Assert.NotEmpty(axis.Ticks);
        }
        else
        {
            Assert.Empty(axis.Ticks);
        }
    }
}
