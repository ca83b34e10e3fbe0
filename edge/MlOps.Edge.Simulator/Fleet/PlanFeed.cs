using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Fleet;

/// <summary>One device's machines, as its agent sees them: each frame that is pulled is one tick of the plan.</summary>
internal sealed class PlanFeed : IMachineFeed
{
    private readonly FleetPlan _plan;
    private readonly DeviceFeed _frames;
    private readonly Func<int, DateTimeOffset> _timeOf;
    private readonly float[] _values;
    private readonly int _device;

    /// <param name="resume">The last frame that the agent has committed; null: it begins with tick 0.</param>
    /// <param name="timeOf">The device's clock at a tick.</param>
    public PlanFeed(FleetPlan plan, IMachineSource source, int device, ResumePoint? resume, Func<int, DateTimeOffset> timeOf)
    {
        (_plan, _device, _timeOf) = (plan, device, timeOf);
        _frames = new(plan, source, device);
        _values = new float[source.Kind.Channels.Count];
        NextTick = resume is null ? 0 : TickAfter(resume);
    }

    public AssetId Asset => AssetId.Parse(_plan.Devices[_device].Asset);

    public string MachineKind => _plan.Kind.Name;

    public IReadOnlyList<ChannelSpec> Channels => _plan.Kind.Channels;

    public TimeSpan SampleInterval => _plan.Kind.SampleInterval;

    public IReadOnlyList<Contracts.Documents.SensorFault> Faults => [];

    /// <summary>The tick that the next pull reads.</summary>
    public int NextTick { get; private set; }

    public ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken)
    {
        var tick = NextTick++;
        if (!_frames.TryRead(tick, _values))
        {
            return ValueTask.FromResult<MachineFrame?>(null);
        }

        var at = _plan.At(tick, _device);
        return ValueTask.FromResult<MachineFrame?>(new(new(Asset, at.Stint!.Installation), at.Age, _timeOf(tick), _values));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int TickAfter(ResumePoint resume)
    {
        var stint = _plan.StintsOf(_device).SingleOrDefault(s => s.Installation == resume.Unit.Installation)
            ?? throw new ScenarioException($"{_plan.Devices[_device].Device} was last at {resume.Unit}, which this plan does not have; use the same seed, devices and data as before, or another --state folder");
        return stint.FirstTick + (int)(resume.Age - stint.FirstAge) + 1;
    }
}
