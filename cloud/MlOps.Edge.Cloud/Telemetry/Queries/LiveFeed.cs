using System.Collections.Immutable;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>Follows the store by position for all readers at once, while there are any.</summary>
internal sealed class LiveFeed(ITelemetryStore store, UnitSelection selection, ITelemetryQueries queries, TimeProvider clock) : ITelemetryFeed, IAsyncDisposable
{
    private const int PageSize = 200;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private ImmutableArray<LiveSubscription> _readers = [];
    private Task _following = Task.CompletedTask;

    public async Task<ILiveSubscription> SubscribeAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken)
    {
        var filter = await selection.FilterAsync(selector, cancellationToken);
        await queries.GetLatestAsync(selector, channels, cancellationToken); // refuses channels that nobody has
        var head = await store.GetHeadAsync(cancellationToken);
        var reader = new LiveSubscription(filter, channels, head, Remove);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            _readers = _readers.Add(reader);
            if (_readers.Length == 1)
            {
                // One that was just told to end has nobody left to tell.
                _following = FollowAsync(_following, head);
            }
        }

        return reader;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task FollowAsync(Task before, long position)
    {
        await Task.Yield();
        await before;
        try
        {
            while (Readers() is { IsEmpty: false } readers)
            {
                var page = await store.ReadAsync(position, PageSize, _stop.Token);
                foreach (var stored in page)
                {
                    Deliver(stored, readers);
                    position = stored.Position;
                }

                if (page.Count == 0)
                {
                    await Task.Delay(Poll, clock, _stop.Token);
                }
            }
        }
        catch (Exception e)
        {
            // The readers have it: each of them ends with it.
            lock (_gate)
            {
                foreach (var reader in _readers)
                {
                    reader.Fail(e);
                }

                _readers = [];
            }
        }
    }

    private static void Deliver(StoredBatch stored, ImmutableArray<LiveSubscription> readers)
    {
        var wanting = readers.Where(r => r.Wants(stored)).ToArray();
        if (wanting.Length == 0)
        {
            return;
        }

        var batch = TelemetryReader.Decode(stored);
        foreach (var block in batch.Readings)
        {
            foreach (var reader in wanting)
            {
                reader.Offer(stored.Device, batch, block);
            }
        }
    }

    private ImmutableArray<LiveSubscription> Readers()
    {
        lock (_gate)
        {
            return _readers;
        }
    }

    private void Remove(LiveSubscription reader)
    {
        lock (_gate)
        {
            _readers = _readers.Remove(reader);
        }
    }
}
