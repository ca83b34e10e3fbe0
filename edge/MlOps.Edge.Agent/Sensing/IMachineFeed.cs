using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Sensing;

/// <summary>
/// What the agent sees of one machine: frames with the installation that they belong to. The sampler of configured
/// sensors is one, a simulated plant's machine is another. Pulled by one caller at a time.
/// </summary>
internal interface IMachineFeed : IAsyncDisposable
{
    AssetId Asset { get; }

    string MachineKind { get; }

    /// <summary>The columns of every frame, in order; fixed for the feed's life.</summary>
    IReadOnlyList<ChannelSpec> Channels { get; }

    /// <summary>The time between two frames of a machine at work.</summary>
    TimeSpan SampleInterval { get; }

    /// <summary>Channels that are not well now. A fault is reported and its values are NaN; it never ends the feed.</summary>
    IReadOnlyList<SensorFault> Faults { get; }

    /// <summary>Whether the frames' times are what the device's clock said when they were taken; else they are a recording's or a simulator's.</summary>
    bool IsClocked => false;

    /// <summary>
    /// Where a machine begins of which nothing was ever committed: to be on the disk before the first frame is asked for, so that a kill before the first commit
    /// is told of like any other. Null: it goes on after a commit, or its frames do not pass while nobody asks for them.
    /// </summary>
    ResumePoint? Beginning => null;

    /// <summary>The next frame; null when there is none to give: the machine stands, or a recording has ended.</summary>
    /// <remarks>The frame's values may be overwritten by the next call.</remarks>
    ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken);
}

/// <summary>One row of raw values.</summary>
/// <param name="Unit">The asset and its installation; a replacement raises the installation and clears the ring.</param>
/// <param name="Age">Sample intervals since the installation; consecutive frames differ by one.</param>
/// <param name="Time">The device's clock, UTC.</param>
/// <param name="Values">C values in the units of the feed's channels; NaN is a missing one.</param>
internal sealed record MachineFrame(UnitRef Unit, long Age, DateTimeOffset Time, ReadOnlyMemory<float> Values);

/// <summary>Where an asset was when the agent last committed: the next frame is a later one of the same unit, or a newer unit's.</summary>
/// <param name="Age">Of the last frame; -1: there is none yet, and the next is the unit's first.</param>
/// <param name="Time">The frame's time, or one interval before the first; null: an older agent committed it, and did not keep it.</param>
internal sealed record ResumePoint(UnitRef Unit, long Age, DateTimeOffset? Time = null);

/// <summary>Opens feeds of one sort; chosen by name in <see cref="AssetOptions.Driver"/>.</summary>
internal interface IFeedDriver
{
    string Name { get; }

    /// <param name="asset">The configured machine.</param>
    /// <param name="resume">The last committed frame of this asset; null at its first start.</param>
    /// <exception cref="AgentConfigurationException">The settings or files do not do; the message names the way out.</exception>
    IMachineFeed Open(AssetOptions asset, ResumePoint? resume);
}
