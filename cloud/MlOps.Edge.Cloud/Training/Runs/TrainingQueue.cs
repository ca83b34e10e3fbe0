using System.Threading.Channels;

namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Runs that wait for this process's worker, each at most once.</summary>
internal sealed class TrainingQueue
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _present = [];
    private readonly Channel<string> _waiting = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    /// <summary>A run that waits or is being worked on already is left where it is.</summary>
    public void Add(string run)
    {
        lock (_gate)
        {
            if (_present.Add(run))
            {
                _waiting.Writer.TryWrite(run);
            }
        }
    }

    public IAsyncEnumerable<string> ReadAllAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);

    /// <summary>The worker has let go of it, finished or not.</summary>
    public void Release(string run)
    {
        lock (_gate)
        {
            _present.Remove(run);
        }
    }
}
