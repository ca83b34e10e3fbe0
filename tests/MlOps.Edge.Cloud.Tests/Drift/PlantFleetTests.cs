using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Recorded;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>The demo's own plan, machines and bad sensors, from frame to verdict without broker, store or model.</summary>
public sealed class PlantFleetTests(ITestOutputHelper output)
{
    private const int Horizon = 700;
    private const int FaultHorizon = 450;

    public static TheoryData<string, int> Stories
    {
        get
        {
            var seeds = Environment.GetEnvironmentVariable("DRIFT_SEEDS") is { } named ? named.Split(',').Select(int.Parse).ToArray() : [1, 2, 3, 7];
            var stories = new TheoryData<string, int>();
            foreach (var machine in new[] { "pump", "engine" })
            {
                foreach (var seed in seeds)
                {
                    stories.Add(machine, seed);
                }
            }

            return stories;
        }
    }

    [Theory, MemberData(nameof(Stories))]
    public void Each_change_is_told_for_what_it_is(string machine, int seed)
    {
        var source = Source(machine, seed);
        var monitor = Monitor(source);

        var (quiet, _) = Watch(machine, seed, Change.None, source, monitor, Horizon);
        var (shifted, shiftedPlan) = Watch(machine, seed, Change.NewFault, source, monitor, Horizon);
        var (single, singlePlan) = Watch(machine, seed, Change.OneDevice, source, monitor, FaultHorizon, out var last);
        var (early, _) = Watch(machine, seed, Change.BadRetrain, source, monitor, Horizon);

        Assert.All(quiet, Quiet);
        Assert.All(early, v => Assert.Empty(v.Faults));
        Assert.All(shifted.Where(v => v.Watermark < shiftedPlan.ChangeTick), Quiet);
        Assert.All(shifted, v => Assert.Empty(v.Faults));
        Assert.Contains(shifted, v => v.Cause == DriftCause.Fleet);

        Assert.All(single, v => Assert.NotEqual(DriftCause.Fleet, v.Cause));
        var fault = singlePlan.Fault!;
        (string, string)[] wanted = CanBeTold(fault, singlePlan)
            ? [(singlePlan.Devices[fault.Device].Device, source.Kind.Channels[fault.Channel].Name)]
            : [];
        Assert.Equal(wanted, single.SelectMany(v => v.Faults).Select(f => (f.Device, f.Channel)).Distinct());
        Assert.Equal(wanted, single[^1].Faults.Select(f => (f.Device, f.Channel)));

        // Until somebody mends it.
        var mended = monitor.Evaluate(last, new(FaultHorizon, [], [], [singlePlan.Devices[fault.Device].Asset]));
        Assert.Empty(mended.Verdict.Faults);
        Assert.DoesNotContain(mended.State.Units, unit => unit.Asset == singlePlan.Devices[fault.Device].Asset);
    }

    // An offset needs 60 cycles after it in one machine or 40 of the next (see the decision on drift statistics).
    private static bool CanBeTold(SensorFault fault, FleetPlan plan) =>
        fault.Kind == SensorFaultKind.Stuck
        || plan.At(fault.FirstTick, fault.Device).Stint!.LastTick - fault.FirstTick >= 60
        || plan.StintsOf(fault.Device).Any(s => s.FirstTick > fault.FirstTick && Math.Min(s.LastTick, FaultHorizon) - s.FirstTick >= 40);

    private static void Quiet(DriftVerdict verdict)
    {
        Assert.NotEqual(DriftVerdictKind.Drift, verdict.Level);
        Assert.Empty(verdict.Faults);
    }

    private static DriftMonitor Monitor(IMachineSource source)
    {
        var reference = ReferenceSketch.Build(source.Kind.RulModel, [.. source.Pools.History.Select(unit => Life(source, unit))]);
        var factory = new DriftMonitorFactory([new RankShift(), new JensenShannon()], Options.Create(new DriftOptions { QuietFleets = 300 }));
        return factory.Create(reference, factory.Calibrate(reference, 20, TestContext.Current.CancellationToken), []);
    }

    private (List<DriftVerdict> Verdicts, FleetPlan Plan) Watch(string machine, int seed, Change change, IMachineSource source, DriftMonitor monitor, int until) =>
        Watch(machine, seed, change, source, monitor, until, out _);

    private (List<DriftVerdict> Verdicts, FleetPlan Plan) Watch(
        string machine, int seed, Change change, IMachineSource source, DriftMonitor monitor, int until, out DriftState state)
    {
        var plan = FleetPlan.Draw(new() { Seed = seed, Change = change }, source);
        var fleet = new PlannedFleet(plan, source, monitor.Spec);
        state = monitor.Begin();
        var all = new List<DriftVerdict>();
        for (var tick = 0; tick < until; tick++)
        {
            fleet.Step(tick);
            if (tick % 10 == 9)
            {
                (state, var verdict) = monitor.Evaluate(state, fleet.Take(tick));
                all.Add(verdict);
            }
        }

        var first = all.FirstOrDefault(v => v.Cause == DriftCause.Fleet);
        var faults = all.SelectMany(v => v.Faults.Select(f => (v.Watermark, Fault: f))).DistinctBy(f => (f.Fault.Device, f.Fault.Channel));
        output.WriteLine($"{machine} {seed} {change} at {plan.ChangeTick}: fleet {first?.Watermark - (plan.ChangeTick ?? 0)} {first?.Detector} [{string.Join(' ', first?.Channels ?? [])}]"
            + (plan.Fault is { } f ? $" wanted {plan.Devices[f.Device].Device} {source.Kind.Channels[f.Channel].Name} {f.Kind} age {plan.At(f.FirstTick, f.Device).Age} of {plan.At(f.FirstTick, f.Device).Stint?.LastTick - f.FirstTick} left" : ""));
        foreach (var (at, fault) in faults)
        {
            output.WriteLine($"  {at}: {fault.Kind} {fault.Evidence}");
        }

        return (all, plan);
    }

    private static IMachineSource Source(string machine, int seed) => machine == "engine"
        ? RecordedFolder.Open(CmapssUnits.Folder(), seed)
        : new PlantSource(PlantKind.Parse(machine), seed, PlantPoolSizes.For(20, new FleetOptions().Ticks));

    private static UnitHistory Life(IMachineSource source, string unit)
    {
        var machine = source.Create(unit);
        var frame = new float[source.Kind.Channels.Count];
        var values = new List<float>();
        while (machine.TryNext(frame))
        {
            values.AddRange(frame);
        }

        return new() { Unit = $"{unit}#1", Channels = frame.Length, Values = [.. values], End = UnitEnd.Failed };
    }
}
