using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent.Models;

/// <summary>
/// Fetches blobs by subscribing to their topics, a few at a time. To resume is to ask for what is lacking. A blob that
/// is empty, too large or not what its name says counts as missing: it is named, and asked for again.
/// </summary>
internal sealed partial class BlobFetcher(ICloudLink link, BlobStore store, ModelOptions options, TimeProvider clock, ILogger<BlobFetcher> logger) : IInbox
{
    private readonly ConcurrentDictionary<Sha256Digest, TaskCompletionSource<ReadOnlyMemory<byte>>> _awaited = new();
    private readonly ConcurrentDictionary<Sha256Digest, bool> _missing = new();

    /// <summary>Raised when <see cref="Missing"/> changed.</summary>
    public Pulse Changed { get; } = new();

    /// <summary>Blobs that did not come, or came wrong, in canonical order.</summary>
    public IReadOnlyList<Sha256Digest> Missing => [.. _missing.Keys.OrderBy(digest => digest.ToString(), StringComparer.Ordinal)];

    public bool TryReceive(string topic, ReadOnlyMemory<byte> payload)
    {
        if (!Topics.TryParseBlob(topic, out var digest))
        {
            return false;
        }

        if (_awaited.TryGetValue(digest, out var awaited))
        {
            awaited.TrySetResult(payload);
        }

        return true;
    }

    /// <summary>Fetches what the store lacks. While the link is down it waits, for as long as it takes.</summary>
    /// <param name="wanted">Any digests, repeats allowed.</param>
    /// <param name="progress">Called with the number of distinct blobs at hand after each that came.</param>
    /// <param name="cancellationToken">Ends it; what came is kept.</param>
    /// <returns>null; or why it failed, in plain words.</returns>
    public async Task<string?> FetchAsync(IEnumerable<Sha256Digest> wanted, Action<int> progress, CancellationToken cancellationToken)
    {
        Sha256Digest[] all = [.. wanted.Distinct()];
        Sha256Digest[] lacking = [.. all.Where(digest => !store.Has(digest))];
        var present = all.Length - lacking.Length;
        progress(present);
        var failures = new ConcurrentQueue<string>();
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.BlobWindow, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(lacking, parallel, async (digest, ct) =>
            {
                if (!failures.IsEmpty)
                {
                    return;
                }

                if (await FetchAsync(digest, ct) is { } failure)
                {
                    failures.Enqueue(failure);
                    return;
                }

                progress(Interlocked.Increment(ref present));
            });
        }
        finally
        {
            foreach (var digest in lacking)
            {
                _missing.TryRemove(digest, out _);
            }

            Changed.Raise();
        }

        return failures.TryPeek(out var first) ? first : null;
    }

    private async Task<string?> FetchAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var why = "did not come";
        for (var attempt = 1; ;)
        {
            await UpAsync(cancellationToken);
            var connection = link.Connection;
            why = await AskAsync(digest, cancellationToken);
            if (why is null)
            {
                if (_missing.TryRemove(digest, out _))
                {
                    Changed.Raise();
                }

                return null;
            }

            if (!link.IsUp || link.Connection != connection)
            {
                continue; // the link's fault, not the blob's
            }

            LogMissing(digest, why, attempt);
            if (_missing.TryAdd(digest, true))
            {
                Changed.Raise();
            }

            if (attempt++ == options.BlobAttempts)
            {
                return $"blob {digest} {why}, asked for {options.BlobAttempts} times";
            }

            await Task.Delay(options.BlobRetry * (1 << Math.Min(attempt - 2, 6)), clock, cancellationToken);
        }
    }

    /// <returns>null when it is in the store; or what is wrong with it.</returns>
    private async Task<string?> AskAsync(Sha256Digest digest, CancellationToken cancellationToken)
    {
        var awaited = _awaited[digest] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var topic = Topics.Blob(digest);
        try
        {
            await link.SubscribeAsync(topic, cancellationToken);
            var content = await awaited.Task.WaitAsync(options.BlobTimeout, clock, cancellationToken);
            return content.Length == 0 ? "came empty"
                : content.Length > options.MaxBlobBytes ? $"is larger than {options.MaxBlobBytes} bytes"
                : store.Write(digest, content.Span) ? null
                : "came damaged: its SHA-256 is another";
        }
        catch (TimeoutException)
        {
            return "did not come";
        }
        catch (CloudLinkException e)
        {
            return $"could not be asked for ({e.Message})";
        }
        finally
        {
            _awaited.TryRemove(digest, out _);
            await ForgetAsync(topic, cancellationToken);
        }
    }

    private async Task ForgetAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            await link.UnsubscribeAsync(topic, cancellationToken);
        }
        catch (Exception e) when (e is CloudLinkException or OperationCanceledException)
        {
            LogKept(topic, e.Message); // the subscription ends with the connection: sessions are clean-start
        }
    }

    private async Task UpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = link.Changed.Next;
            if (link.IsUp)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Blob {Digest} {Why} (attempt {Attempt})")]
    private partial void LogMissing(Sha256Digest digest, string why, int attempt);

    [LoggerMessage(LogLevel.Debug, "Still subscribed to {Topic}: {Reason}")]
    private partial void LogKept(string topic, string reason);
}
