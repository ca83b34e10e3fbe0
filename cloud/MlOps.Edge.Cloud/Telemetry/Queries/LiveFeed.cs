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

    // All up to here has been given to those who were there.
    private long _position;

    public async Task<ILiveSubscription> SubscribeAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken)
    {
        var filter = await selection.FilterAsync(selector, cancellationToken);
        await queries.GetLatestAsync(selector, channels, cancellationToken); // refuses channels that nobody has
        var head = await store.GetHeadAsync(cancellationToken);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);

            // What was stored since the head was asked for may have been given to the others already; this one comes after it.
            _position = Math.Max(_position, _readers.IsEmpty ? head : 0);
            var reader = new LiveSubscription(filter, channels, Math.Max(head, _position), Remove);
            _readers = _readers.Add(reader);
            if (_readers.Length == 1)
            {
                // One that was just told to end has nobody left to tell.
                _following = FollowAsync(_following);
            }

            return reader;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task FollowAsync(Task before)
    {
        await Task.Yield();
        await before;
        try
        {
            while (!Readers(0).IsEmpty)
            {
                if (await store.ReadAsync(Position(), PageSize, _stop.Token) is not { Count: > 0 } page)
                {
                    await Task.Delay(Poll, clock, _stop.Token);
                    continue;
                }

                // Whoever came while that was read has it too, as far as it is newer.
                var readers = Readers(page[^1].Position);
                foreach (var stored in page)
                {
                    Deliver(stored, readers);
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

    private long Position()
    {
        lock (_gate)
        {
            return _position;
        }
    }

    /// <summary>Those who are there now, to be given all up to a position.</summary>
    private ImmutableArray<LiveSubscription> Readers(long through)
    {
        lock (_gate)
        {
            _position = Math.Max(_position, through);
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
