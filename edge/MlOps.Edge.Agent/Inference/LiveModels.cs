using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Agent.Inference;

/// <summary>
/// The models that predict now. Whoever steps the pipeline or swaps a model holds the turn, so a model never goes away
/// under a prediction.
/// </summary>
internal sealed class LiveModels : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public OnnxModel? Active { get; private set; }

    public OnnxModel? Shadow { get; private set; }

    public OnnxModel? this[SlotRole role] => role == SlotRole.Active ? Active : Shadow;

    /// <summary>Waits for the turn; dispose to give it back.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>Puts a model into a slot and lets go of the one that was there.</summary>
    public async Task ReplaceAsync(SlotRole role, OnnxModel? model, CancellationToken cancellationToken)
    {
        using (await TakeTurnAsync(cancellationToken))
        {
            this[role]?.Dispose();
            (Active, Shadow) = role == SlotRole.Active ? (model, Shadow) : (Active, model);
        }
    }

    public void Dispose()
    {
        Active?.Dispose();
        Shadow?.Dispose();
        _turn.Dispose();
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
