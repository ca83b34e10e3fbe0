using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training.Windows;

public sealed class WindowSetTests
{
    private static readonly ModelDefinition s_definition = WearingMachines.Definition with { Window = 3, RulCap = 4, Channels = [new("wear", "1")] };

    [Fact]
    public void A_failed_unit_has_a_window_at_every_frame_and_ends_with_nothing_left()
    {
        WindowSet windows = WindowSet.Of(s_definition, [Unit("a#1", 7, UnitEnd.Failed)]);

        Assert.Equal([4, 4, 4, 3, 2, 1, 0], windows.Rows.Select(row => row.Target));
        Assert.Equal([0, 0, 0], Read(windows)[0]);
        Assert.Equal([4, 5, 6], Read(windows)[6]);
    }

    [Theory]
    [InlineData(UnitEnd.Running)]
    [InlineData(UnitEnd.Censored)]
    public void A_unit_that_did_not_fail_counts_only_where_it_surely_outlives_the_cap(UnitEnd end)
    {
        WindowSet windows = WindowSet.Of(s_definition, [Unit("a#1", 7, end)]);

        Assert.Equal([0, 1, 2], windows.Rows.Select(row => row.Frame));
        Assert.All(windows.Rows, row => Assert.Equal(4, row.Target));
    }

    [Fact]
    public void No_window_straddles_two_units_and_units_come_in_order_of_their_ids()
    {
        WindowSet windows = WindowSet.Of(s_definition, [Unit("b#1", 4, UnitEnd.Failed, from: 100), Unit("a#1", 4, UnitEnd.Failed)]);

        Assert.Equal(["a#1", "b#1"], windows.Units.Select(unit => unit.Unit));
        Assert.Equal([100, 100, 100], Read(windows)[4]);
    }

    [Fact]
    public void A_late_start_adds_the_windows_that_lack_frames()
    {
        WindowSet windows = WindowSet.Of(s_definition, [Unit("a#1", 8, UnitEnd.Failed)], lateStarts: 1);

        Assert.Equal([(4, 4), (4, 5)], windows.Rows.Where(row => row.Start > 0).Select(row => (row.Start, row.Frame)));
        Assert.Equal([4, 4, 4], Read(windows)[8]);
        Assert.Equal([4, 4, 5], Read(windows)[9]);
    }

    [Fact]
    public void A_stride_counts_from_installation_not_from_the_first_recorded_frame()
    {
        UnitHistory whole = Unit("a#1", 12, UnitEnd.Failed);
        WindowSet windows = WindowSet.Of(s_definition with { Stride = 5 }, [WearingMachines.Part(whole, 3, 12, UnitEnd.Failed)]);

        Assert.Equal([2, 7], windows.Rows.Select(row => row.Frame));
    }

    [Theory, InlineData(1), InlineData(3), InlineData(100)]
    public void Every_batch_size_reads_the_same_windows(int batch)
    {
        WindowSet windows = WindowSet.Of(s_definition, [Unit("a#1", 5, UnitEnd.Failed), Unit("b#1", 9, UnitEnd.Failed, from: 50)], lateStarts: 2);

        Assert.Equal(Read(windows).SelectMany(window => window), Read(windows, batch).SelectMany(window => window));
    }

    private static List<float[]> Read(WindowSet windows, int batch = 1)
    {
        var read = new List<float[]>();
        windows.Read(batch, (_, values) => read.AddRange(values.Chunk(windows.WindowSize)), TestContext.Current.CancellationToken);
        return read;
    }

    private static UnitHistory Unit(string unit, int frames, UnitEnd end, int from = 0) => new()
    {
        Unit = unit,
        Channels = 1,
        Values = [.. Enumerable.Range(from, frames).Select(value => (float)value)],
        End = end,
    };
}
