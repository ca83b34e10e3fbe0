using System.Collections.Concurrent;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Gateway.Link;

/// <summary>Publishes each blob once, however many ask for it at the same time.</summary>
internal sealed class PublishedBlobs
{
    private readonly ConcurrentDictionary<Sha256Digest, Lazy<Task<bool>>> _published = new();

    /// <param name="publish">Says whether the broker has it; if not, the next who asks tries again.</param>
    public async Task EnsureAsync(Sha256Digest blob, bool again, Func<Sha256Digest, Task<bool>> publish)
    {
        if (again)
        {
            _published.TryRemove(blob, out _);
        }

        var attempt = _published.GetOrAdd(blob, digest => new Lazy<Task<bool>>(() => publish(digest)));
        var done = false;
        try
        {
            done = await attempt.Value;
        }
        finally
        {
            if (!done)
            {
                _published.TryRemove(new(blob, attempt));
            }
        }
    }
}
