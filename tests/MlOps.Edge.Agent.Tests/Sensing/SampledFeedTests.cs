using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Sensing;

public class SampledFeedTests
{
    private static readonly AssetOptions Asset = new() { Id = "pump-07", MachineKind = "pump", Sensors = [new() { Driver = "counting" }, new() { Driver = "broken" }] };

    private static IMachineFeed Open(ResumePoint? resume = null, AssetOptions? asset = null) =>
        new SampledFeedDriver([new Driver("counting", () => new Counting()), new Driver("broken", () => new Broken())], new(new(), TimeProvider.System), TimeProvider.System).Open(asset ?? Asset, resume);

    [Fact]
    public async Task A_bus_error_is_reported_and_the_frame_goes_on_without_the_value()
    {
        await using var feed = Open();
        var frame = await feed.NextAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0f, float.NaN], frame!.Values.ToArray());
        Assert.Equal([new("pump-07", "broken", "no answer at 0x76")], feed.Faults);
    }

    [Fact]
    public async Task It_goes_on_after_the_frame_that_was_committed_last()
    {
        await using var feed = Open(new(new(Contracts.AssetId.Parse("pump-07"), 3), 41, TimeProvider.System.GetUtcNow()));
        var frame = await feed.NextAsync(TestContext.Current.CancellationToken);
        Assert.Equal((3, 42L), (frame!.Unit.Installation, frame.Age));
    }

    [Fact]
    public async Task Where_an_older_agent_kept_no_time_a_commit_interval_is_left_out()
    {
        await using var feed = Open(new(new(Contracts.AssetId.Parse("pump-07"), 3), 41));
        Assert.Equal(42 + 30, (await feed.NextAsync(TestContext.Current.CancellationToken))!.Age);
    }

    [Fact]
    public void An_unknown_driver_lists_the_choices() => Assert.Contains("broken, counting",
        Assert.Throws<AgentConfigurationException>(() => Open(asset: new() { Id = "a", Sensors = [new() { Driver = "gpoi" }] })).Message);

    private sealed class Driver(string name, Func<ISensor> open) : ISensorDriver
    {
        public string Name => name;

        public ISensor Open(SensorOptions sensor, long age) => open();
    }

    private sealed class Counting : ISensor
    {
        private float _next;

        public string Name => "counting";

        public IReadOnlyList<ChannelSpec> Channels => [new("count", "1")];

        public ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken)
        {
            values.Span[0] = _next++;
            return new(SensorReading.Read);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Broken : ISensor
    {
        public string Name => "broken";

        public IReadOnlyList<ChannelSpec> Channels => [new("broken", "1")];

        public ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken) => throw new SensorException("no answer at 0x76");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
