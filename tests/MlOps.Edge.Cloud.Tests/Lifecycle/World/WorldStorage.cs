using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace MlOps.Edge.Cloud.Tests.Lifecycle.World;

/// <summary>Grain state in memory, as bytes; the next writes fail where the world says so.</summary>
internal sealed class WorldStorage(LoopWorld world, Serializer serializer) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string, GrainId), byte[]> _states = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _states.TryGetValue((stateName, grainId), out var bytes);
        grainState.State = bytes is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(bytes);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (world.FailingWrites > 0)
        {
            world.FailingWrites--;
            throw new IOException("the disk is full");
        }

        _states[(stateName, grainId)] = serializer.SerializeToArray(grainState.State);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
}
