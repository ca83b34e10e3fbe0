using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Tests.Link;

public sealed class ReporterTests
{
    [Fact]
    public async Task A_lag_that_is_over_is_said_at_once_and_one_that_shrinks_slowly_now_and_then()
    {
        var (clock, link, content) = (new FakeTimeProvider(), new KeptLink(), new Content { LagMs = 600_000 });
        var reporter = new Reporter(RunningPump.Identity, link, content, new() { ReportInterval = TimeSpan.FromDays(365) }, clock, NullLogger<Reporter>.Instance);
        link.Said += document => reporter.Receive(new(document.Session, document.Sequence));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = reporter.RunAsync(stop.Token);

        await UntilAsync(() => link.Lags is [600_000]);
        await LagsAsync(599_000);
        await LagsAsync(301_000);
        await LagsAsync(300_000);
        await LagsAsync(150_001);
        await LagsAsync(0);
        await LagsAsync(90_000); // grows: said with the next report, which is due within its interval
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal([600_000, 300_000, 0], link.Lags);

        async Task LagsAsync(long lag)
        {
            content.LagMs = lag;
            var looks = content.Looks;
            await UntilAsync(() => content.Looks > looks + 2);
        }

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                clock.Advance(TimeSpan.FromMilliseconds(500));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, stop.Token);
            }
        }
    }

    private sealed class Content : IReportContent
    {
        private long _lag;
        private int _looks;

        public long LagMs
        {
            get => Volatile.Read(ref _lag);
            set => Volatile.Write(ref _lag, value);
        }

        public int Looks => Volatile.Read(ref _looks);

        public ReportedDocument Describe()
        {
            Interlocked.Increment(ref _looks);
            return new() { Session = "", Sequence = 0, Agent = new("1", "r", "o"), Outbox = new(0, 0) { LagMs = LagMs } };
        }
    }

    /// <summary>Keeps what is said; it never fails.</summary>
    private sealed class KeptLink : ICloudLink
    {
        private readonly ConcurrentQueue<long> _lags = [];

        public event Action<ReportedDocument>? Said;

        public event Action<string, ReadOnlyMemory<byte>>? Received
        {
            add { }
            remove { }
        }

        public long[] Lags => [.. _lags];

        public int Connection => 1;

        public bool IsUp => true;

        public Pulse Changed { get; } = new();

        public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, bool retain, IReadOnlyList<UserProperty> properties, CancellationToken cancellationToken)
        {
            var document = JsonSerializer.Deserialize(payload.Span, ContractsJson.Default.ReportedDocument)!;
            _lags.Enqueue(document.Outbox.LagMs!.Value);
            Said?.Invoke(document);
            return Task.CompletedTask;
        }

        public Task SubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UnsubscribeAsync(string topic, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
