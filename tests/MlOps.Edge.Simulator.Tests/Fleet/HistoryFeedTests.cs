using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Live;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Plant.Pumps;

namespace MlOps.Edge.Simulator.Tests.Fleet;

public class HistoryFeedTests
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);
    private static readonly DateTimeOffset FleetStart = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimeLapse _source = new(new PlantSource(CentrifugalPump.Kind, 1, new() { History = 2, First = 1, Second = 1 }), Pace);

    [Fact]
    public async Task An_import_that_was_cut_off_goes_on_with_the_frame_after_the_last_committed_one()
    {
        var unit = HistoryUnit.Of(_source, FleetStart)[1];
        var whole = await ReadAsync(unit, null);
        var rest = await ReadAsync(unit, new ResumePoint(new(unit.Asset, HistoryUnit.Installation), 99));

        Assert.Equal(unit.Life, whole.Count);
        Assert.Equal(whole.Skip(100), rest);
    }

    [Fact]
    public async Task An_import_that_was_complete_gives_nothing_more()
    {
        var unit = HistoryUnit.Of(_source, FleetStart)[0];

        Assert.Empty(await ReadAsync(unit, new ResumePoint(new(unit.Asset, HistoryUnit.Installation), unit.Life - 1)));
    }

    [Fact]
    public void A_time_lapse_has_frames_and_a_model_at_its_pace()
    {
        var unit = HistoryUnit.Of(_source, FleetStart)[0];

        Assert.Equal(Pace, _source.Kind.RulModel.SampleInterval);
        Assert.Equal(Pace, unit.TimeOf(1) - unit.TimeOf(0));
        Assert.Equal(FleetStart - Pace, unit.TimeOf(unit.Life - 1));
    }

    private async Task<List<(long Age, DateTimeOffset Time, string Values)>> ReadAsync(HistoryUnit unit, ResumePoint? resume)
    {
        await using var feed = new HistoryFeed(_source, unit, resume);
        List<(long, DateTimeOffset, string)> frames = [];
        while (await feed.NextAsync(TestContext.Current.CancellationToken) is { } frame)
        {
            frames.Add((frame.Age, frame.Time, string.Join(' ', frame.Values.ToArray())));
        }

        return frames;
    }
}
