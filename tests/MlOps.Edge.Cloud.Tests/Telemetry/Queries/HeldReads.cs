using System.Reflection;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

/// <summary>A store whose readers by position are held up before they read, until they are let go.</summary>
public class HeldReads : DispatchProxy
{
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITelemetryStore _store = null!;

    /// <summary>Somebody has begun to read.</summary>
    public Task Asked => _asked.Task;

    public static ITelemetryStore Over(ITelemetryStore store)
    {
        var held = Create<ITelemetryStore, HeldReads>();
        ((HeldReads)held)._store = store;
        return held;
    }

    public void LetGo() => _letGo.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(ITelemetryStore.ReadAsync)
        ? ReadAsync((long)args![0]!, (int)args[1]!, (CancellationToken)args[2]!)
        : targetMethod.Invoke(_store, args);

    private async Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken)
    {
        _asked.TrySetResult();
        await _letGo.Task.WaitAsync(cancellationToken);
        return await _store.ReadAsync(after, limit, cancellationToken);
    }
}
