using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests;

/// <summary>When the agent samples, by a clock that the test moves.</summary>
public sealed class RealTimeLoopTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly TestAgent _folder = new() { Configure = options => options.Sensing = new() { Assets = [new() { MachineKind = "pump", SampleInterval = Interval, Sensors = [new() { Driver = Watched.Driver }] }] } };
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<DateTimeOffset> _reads = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_frame_is_sampled_at_once_and_the_next_an_interval_later()
    {
        var start = _clock.GetUtcNow();
        using var host = await StartAsync();
        await ReadsAsync(1, TimeSpan.Zero);
        await ReadsAsync(2, Interval / 10);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(start, _reads.First());
        Assert.InRange(_reads.Last(), start + Interval, DateTimeOffset.MaxValue);
    }

    [Fact]
    public async Task An_agent_that_starts_again_soon_waits_until_the_next_frame_is_due()
    {
        for (var run = 1; run <= 3; run++)
        {
            using var host = await StartAsync();
            await ReadsAsync(run, Interval / 10);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.All(_reads.Zip(_reads.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, Interval, TimeSpan.MaxValue));
    }

    [Fact]
    public async Task An_agent_that_starts_again_late_samples_at_once()
    {
        using (var host = await StartAsync())
        {
            await ReadsAsync(1, TimeSpan.Zero);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        _clock.Advance(5 * Interval);
        var again = _clock.GetUtcNow();
        using (var host = await StartAsync())
        {
            await ReadsAsync(2, TimeSpan.Zero);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(again, _reads.Last());
    }

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(_clock).AddSingleton<ISensorDriver>(new Watched(_reads, _clock));
        builder.Services.AddEdgeAgent(_folder.Options(port: 1)); // nobody is there
        builder.Services.AddHostedService<RealTimeLoop>();
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    // Moves the clock step by step until so many frames were read.
    private async Task ReadsAsync(int count, TimeSpan step)
    {
        while (_reads.Count < count)
        {
            _clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Watched(ConcurrentQueue<DateTimeOffset> reads, TimeProvider clock) : ISensorDriver, ISensor
    {
        public const string Driver = "watched";

        public string Name => Driver;

        public IReadOnlyList<ChannelSpec> Channels { get; } = [new("flow", "L/min")];

        public ISensor Open(SensorOptions sensor, long age) => this;

        public ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken)
        {
            reads.Enqueue(clock.GetUtcNow());
            values.Span[0] = 1;
            return new(SensorReading.Read);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
