using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>The pump over a link in memory, by a clock that the test moves.</summary>
internal sealed class RunningPump : IAsyncDisposable
{
    public static readonly AgentIdentity Identity = new(TestAgent.Device, "default", "00112233445566ff");

    private readonly CancellationTokenSource _stop = new();
    private readonly Agent.Outbox.Outbox _outbox;
    private readonly Task _running;

    public RunningPump(Agent.Outbox.Outbox outbox, MemoryLink link, OutboxOptions options, TimeProvider clock)
        : this(outbox, link, options, new(options.AckTimeout, new(TestAgent.Device), clock), clock)
    {
    }

    public RunningPump(Agent.Outbox.Outbox outbox, MemoryLink link, OutboxOptions options, InFlight inFlight, TimeProvider clock)
    {
        _outbox = outbox;
        var identity = Identity;
        var pump = new OutboxPump(outbox, link, identity, new(identity, clock), options, inFlight, clock, NullLogger<OutboxPump>.Instance);
        link.Received += (_, payload) =>
        {
            var document = JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.AcknowledgementDocument)!;
            foreach (var stream in document.Streams)
            {
                pump.Receive(stream);
            }

            if (document.Wants is { } wants)
            {
                pump.Receive(wants);
            }
        };
        _running = Task.Run(() => pump.RunAsync(_stop.Token));
    }

    /// <summary>Waits until the condition holds, looking at each change of the outbox and now and then, for a virtual clock makes no change by itself.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var changed = Task.WhenAny(_outbox.Changed.Next, _running);
            if (condition())
            {
                return;
            }

            if (_running.IsCompleted)
            {
                await _running;
            }

            await Pulse.WaitAsync(changed, TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}

internal static class FakeClock
{
    /// <summary>Moves on, as a part of a condition.</summary>
    public static bool Moved(this FakeTimeProvider clock, TimeSpan by)
    {
        clock.Advance(by);
        return true;
    }
}
