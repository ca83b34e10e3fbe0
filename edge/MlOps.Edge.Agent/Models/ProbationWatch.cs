using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Models;

/// <summary>What became of a live model.</summary>
/// <param name="Model">The very instance, so that news of one that is gone is not taken for its successor's.</param>
/// <param name="Fault">In plain words; null: it is proved.</param>
internal sealed record ModelNews(SlotRole Role, OnnxModel Model, string? Fault);

/// <summary>Counts an active model's predictions while it is on probation, says when each model has begun, and passes on faults, each model's first only.</summary>
internal sealed partial class ProbationWatch(ModelOptions options, ILogger<ProbationWatch> logger) : IPredictionWatch
{
    private readonly ConcurrentDictionary<OnnxModel, bool> _begun = new();
    private readonly ConcurrentQueue<ModelNews> _news = new();
    private readonly ConcurrentDictionary<OnnxModel, bool> _faulted = new();
    private OnnxModel? _watched;
    private int _predictions;
    private long _told;
    private long _heeded;

    public Pulse Changed { get; } = new();

    /// <summary>Whether something was told that has not been acted on to the end.</summary>
    public bool HasNews => Interlocked.Read(ref _told) != Interlocked.Read(ref _heeded);

    /// <summary>Begins a probation; null ends it.</summary>
    public void Watch(OnnxModel? model)
    {
        Interlocked.Exchange(ref _predictions, 0);
        Volatile.Write(ref _watched, model);
    }

    /// <summary>Takes the oldest news; say <see cref="Heeded"/> when it was acted on.</summary>
    public bool TryTake(out ModelNews? news) => _news.TryDequeue(out news);

    public void Heeded() => Interlocked.Increment(ref _heeded);

    public void Forget(OnnxModel model)
    {
        _faulted.TryRemove(model, out _);
        _begun.TryRemove(model, out _);
    }

    public void Predicted(SlotRole role, OnnxModel model)
    {
        if (_begun.TryAdd(model, true))
        {
            LogBegun(role, model.Manifest.Model, model.Manifest.Version);
        }

        if (role == SlotRole.Active && model == Volatile.Read(ref _watched) && Interlocked.Increment(ref _predictions) == options.ProbationPredictions)
        {
            Tell(new(role, model, null));
        }
    }

    public void Faulted(SlotRole role, OnnxModel model, string reason)
    {
        if (_faulted.TryAdd(model, true))
        {
            Tell(new(role, model, reason));
        }
    }

    private void Tell(ModelNews news)
    {
        Interlocked.Increment(ref _told);
        _news.Enqueue(news);
        Changed.Raise();
    }

    [LoggerMessage(LogLevel.Information, "The {Role} slot has judged its first window with {Model}:{Version}")]
    private partial void LogBegun(SlotRole role, string model, int version);
}
