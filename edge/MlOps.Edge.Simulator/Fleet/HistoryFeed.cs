using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Fleet;

/// <summary>A life that was over before the fleet went into service, as a plant's historian kept it.</summary>
/// <param name="resume">The last frame that the agent has committed; null: none yet.</param>
internal sealed class HistoryFeed(IMachineSource source, HistoryUnit unit, ResumePoint? resume) : IMachineFeed
{
    private readonly float[] _values = new float[source.Kind.Channels.Count];
    private readonly IMachine _machine = source.CreateAt(unit.Name, resume is null ? 0 : (int)resume.Age + 1);

    public AssetId Asset => unit.Asset;

    public string MachineKind => source.Kind.Name;

    public IReadOnlyList<ChannelSpec> Channels => source.Kind.Channels;

    public TimeSpan SampleInterval => source.Kind.SampleInterval;

    public IReadOnlyList<Contracts.Documents.SensorFault> Faults => [];

    public ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken)
    {
        var age = _machine.Age;
        return ValueTask.FromResult(_machine.TryNext(_values) ? new MachineFrame(new(unit.Asset, HistoryUnit.Installation), age, unit.TimeOf(age), _values) : null);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One recorded life.</summary>
/// <param name="Name">In its source.</param>
/// <param name="Life">Frames from new to failure.</param>
/// <param name="Failed">When it failed.</param>
internal sealed record HistoryUnit(string Name, AssetId Asset, int Life, DateTimeOffset Failed, TimeSpan Interval)
{
    public const int Installation = 1;

    public DateTimeOffset TimeOf(int age) => Failed - ((Life - 1 - age) * Interval);

    /// <summary>The history of a plant: every unit failed before the fleet's first tick.</summary>
    public static IReadOnlyList<HistoryUnit> Of(IMachineSource source, DateTimeOffset fleetStart) =>
    [
        .. source.Pools.History.Select((name, i) => new HistoryUnit(
            name, AssetId.Parse($"{source.Kind.Name}-h{i + 1:000}"), source.LifeOf(name), fleetStart - source.Kind.SampleInterval, source.Kind.SampleInterval)),
    ];
}
