using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>Sensors, line, outbox and pump of an agent by a clock that the test moves, over a link in memory. Its machine counts: each value is its frame's age, in hundredths.</summary>
internal sealed class VirtualAgent : IAsyncDisposable
{
    public static readonly AssetId Asset = AssetId.Parse("pump-07");

    private readonly FakeTimeProvider _clock;
    private readonly LiveModels _models = new();
    private readonly FrameLine _line;
    private readonly RunningPump _pump;

    public VirtualAgent(OutboxFolder folder, FakeTimeProvider clock, MemoryLink link, AgentOptions options, int channels = 2)
    {
        _clock = clock;
        Outbox = folder.Open(options.Outbox, clock);
        var asset = new AssetOptions { Id = Asset.ToString(), MachineKind = "pump", Sensors = [new() { Driver = "counting" }] };
        var feed = new SampledFeedDriver([new CountingDriver(channels)], new(options, clock), clock).Open(asset, Outbox.Resume(Asset).Point);
        var inFlight = new InFlight(options.Outbox.AckTimeout, new(TestAgent.Device), clock);
        var rule = new CommitRule(options.Outbox, new(options.Outbox, Outbox, link, clock), inFlight, clock);
        _line = new([new(feed, 16, Outbox.Resume(Asset), new NoWatch())], _models, new(Outbox, options.Outbox, 16, clock), rule, new(RunningPump.Identity, clock));
        _pump = new(Outbox, link, options.Outbox, inFlight, clock);
    }

    public Agent.Outbox.Outbox Outbox { get; }

    /// <summary>Samples a frame and a second passes, so many times.</summary>
    /// <param name="until">No second passes before this holds; null: it does not wait for the pump.</param>
    public async Task LiveAsync(int seconds, Func<bool>? until = null)
    {
        for (var i = 0; i < seconds; i++)
        {
            await _line.StepAsync(TestContext.Current.CancellationToken);
            await (until is null ? Task.CompletedTask : UntilAsync(until));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public Task FlushAsync() => _line.FlushAsync(TestContext.Current.CancellationToken);

    /// <inheritdoc cref="RunningPump.UntilAsync"/>
    public Task UntilAsync(Func<bool> condition) => _pump.UntilAsync(condition);

    /// <summary>Ends as a power cut ends it: what was not committed is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pump.DisposeAsync();
        _models.Dispose();
        Outbox.Dispose();
    }

    private sealed class CountingDriver(int channels) : ISensorDriver
    {
        public string Name => "counting";

        public ISensor Open(SensorOptions sensor, long age) => new Counting(channels);
    }

    private sealed class Counting(int channels) : ISensor
    {
        private int _next;

        public string Name => "counting";

        public IReadOnlyList<ChannelSpec> Channels { get; } = [.. Enumerable.Range(0, channels).Select(i => new ChannelSpec($"c{i}", "1"))];

        public ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken)
        {
            for (var c = 0; c < channels; c++)
            {
                values.Span[c] = ((_next * (c + 1)) % 10_000) / 100f;
            }

            _next++;
            return new(SensorReading.Read);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoWatch : IPredictionWatch
    {
        public void Predicted(SlotRole role, OnnxModel model)
        {
        }

        public void Faulted(SlotRole role, OnnxModel model, string reason)
        {
        }
    }
}
