using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Tests.Drift;

public sealed class WearFleetTests
{
    [Fact]
    public void Twenty_fleets_stay_quiet_and_fixed_limits_do_not()
    {
        int fixedPsi = 0, fixedKs = 0, ours = 0, windows = 0;
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new SplitMix((ulong)seed);
            var reference = ReferenceSketch.Build(WearingUnits.Model, WearingUnits.Many(40, random));
            var monitor = Monitor(reference);
            Assert.Equal(2, reference.Spec.Regimes.Count);
            var id = 1000;
            var fleet = new SimulatedFleet(reference.Spec, 20, (FleetAges)(seed % 3), random, _ => WearingUnits.One(id++, random));
            ours += fleet.Watch(monitor, 600, v => v.Level == DriftVerdictKind.Drift).Found is null ? 0 : 1;

            // What the textbooks' limits make of the same kind of quiet: 50 rows of one unit against all rows of the reference.
            var all = reference.Units.SelectMany(u => u.Blocks).ToArray();
            var pooled = new WindowCounts(reference.Spec, all).Shares(channel: 1);
            foreach (var unit in reference.Units)
            {
                var window = new WindowCounts(reference.Spec, unit.Blocks[..5]);
                windows++;
                fixedPsi += PopulationStabilityIndex.Plain(pooled, window.Shares(channel: 1)) > 0.1 ? 1 : 0;
                var gap = new KolmogorovSmirnov().Score(new() { Pooled = pooled, Reference = pooled, Unit = window.Shares(channel: 1), Rows = 50 });
                fixedKs += Math.Abs(gap) > 1.358 / Math.Sqrt(unit.Blocks[..5].Sum(b => b.Rows)) ? 1 : 0;
            }
        }

        Assert.Equal(0, ours);
        Assert.True(fixedPsi > windows / 2, $"PSI 0.1 fired on {fixedPsi} of {windows} quiet windows");
        Assert.True(fixedKs > windows / 2, $"KS at 5 % fired on {fixedKs} of {windows} quiet windows");
    }

    [Fact]
    public void A_step_on_all_devices_is_the_fleets()
    {
        var random = new SplitMix(5);
        var reference = ReferenceSketch.Build(WearingUnits.Model, WearingUnits.Many(40, random));
        var id = 1000;
        var fleet = new SimulatedFleet(reference.Spec, 20, FleetAges.Staggered, random, _ => WearingUnits.One(id++, random))
        {
            Spoil = (_, tick, row) => row[2] += tick >= 200 ? 3 : 0,
        };
        var (found, _) = fleet.Watch(Monitor(reference), 400, v => v is { Level: DriftVerdictKind.Drift, Cause: DriftCause.Fleet });

        Assert.NotNull(found);
        Assert.InRange(found.Watermark, 200, 300);
        Assert.Equal("s1", found.Channels[0]);
    }

    [Fact]
    public void The_state_survives_its_bytes_and_the_same_news_give_the_same_state()
    {
        var random = new SplitMix(6);
        var reference = ReferenceSketch.FromBytes(ReferenceSketch.Build(WearingUnits.Model, WearingUnits.Many(30, random)).ToBytes());
        var id = 1000;
        var fleet = new SimulatedFleet(reference.Spec, 20, FleetAges.Staggered, random, _ => WearingUnits.One(id++, random));
        var monitor = Monitor(reference);
        var (whole, resumed) = (monitor.Begin(), monitor.Begin());
        for (var i = 0; i < 20; i++)
        {
            for (var tick = 0; tick < 10; tick++)
            {
                fleet.Step();
            }

            var news = fleet.Take();
            whole = monitor.Evaluate(whole, news).State;
            resumed = monitor.Evaluate(DriftState.FromBytes(resumed.ToBytes(), reference.Spec), news).State;
        }

        Assert.Equal(whole.ToBytes(), resumed.ToBytes());
    }

    private static DriftMonitor Monitor(ReferenceSketch reference)
    {
        var factory = new DriftMonitorFactory([new RankShift(), new JensenShannon()], Options.Create(new DriftOptions { QuietFleets = 300 }));
        return factory.Create(reference, factory.Calibrate(reference, 20, TestContext.Current.CancellationToken), []);
    }
}
