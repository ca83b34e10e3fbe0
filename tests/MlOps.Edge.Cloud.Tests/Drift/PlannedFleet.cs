using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>Devices that count what the demo's plan shows them.</summary>
internal sealed class PlannedFleet(FleetPlan plan, IMachineSource source, SketchSpec spec)
{
    private readonly DeviceFeed[] _feeds = [.. plan.Devices.Select(d => new DeviceFeed(plan, source, d.Index))];
    private readonly (Stint? Stint, SketchCounter Counter, long Installation)[] _counting = [.. plan.Devices.Select(_ => ((Stint?)null, new SketchCounter(spec), 0L))];
    private readonly float[] _frame = new float[source.Kind.Channels.Count];
    private readonly List<DeviceIncrement> _pending = [];

    public void Step(int tick)
    {
        for (var device = 0; device < _feeds.Length; device++)
        {
            var at = plan.At(tick, device);
            ref var counting = ref _counting[device];
            if (!_feeds[device].TryRead(tick, _frame))
            {
                continue;
            }

            if (!ReferenceEquals(counting.Stint, at.Stint))
            {
                counting = (at.Stint, new(spec), counting.Installation + 1);
            }

            counting.Counter.Add(_frame, at.Age);
            if ((counting.Counter.Due || tick == at.Stint!.LastTick) && counting.Counter.Flush() is { } increment)
            {
                _pending.Add(new(at.Place.Device, at.Place.Asset, counting.Installation, increment));
            }
        }
    }

    public DriftEvidence Take(long watermark)
    {
        var news = new DriftEvidence(watermark, [.. _pending], [], []);
        _pending.Clear();
        return news;
    }
}
