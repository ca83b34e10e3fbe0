using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.EndToEnd.Wire;

/// <summary>Frames that the test has written down before.</summary>
internal sealed class RecordedFeed(AssetId asset, MachineKind kind, IReadOnlyList<MachineFrame> frames) : IMachineFeed, IFeedDriver
{
    private int _next;

    public string Name => "recorded";

    public AssetId Asset => asset;

    public string MachineKind => kind.Name;

    public IReadOnlyList<ChannelSpec> Channels => kind.Channels;

    public TimeSpan SampleInterval => kind.SampleInterval;

    public IReadOnlyList<SensorFault> Faults => [];

    public IMachineFeed Open(AssetOptions options, ResumePoint? resume) => this;

    public ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken) => new(_next < frames.Count ? frames[_next++] : null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
