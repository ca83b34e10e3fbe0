using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Disk;

/// <summary>Where a measured cloud keeps its telemetry, for one case.</summary>
internal interface IMeasuredStore : IAsyncDisposable
{
    /// <summary>What the cloud needs to know of it, as environment variables.</summary>
    IReadOnlyDictionary<string, string> CloudSettings { get; }

    /// <summary>What the processes of its own have used since they began: nothing where the cloud does all of it.</summary>
    ProcessSample Used();

    /// <summary>Its telemetry services, for a process beside no cloud.</summary>
    ServiceProvider Open(bool readOnly);

    /// <summary>What readings take on disk as it is, keys, indexes and half-empty pages included, without what an empty store takes. While no cloud writes.</summary>
    /// <returns>Bytes.</returns>
    Task<long> InUseAsync(CancellationToken cancellationToken);

    /// <summary>What it takes once it is written anew without holes. While no cloud writes.</summary>
    Task<DiskUse> VacuumedAsync(CancellationToken cancellationToken);
}
