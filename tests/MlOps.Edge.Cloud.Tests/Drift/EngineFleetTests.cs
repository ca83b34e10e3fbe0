using System.Diagnostics;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Faults;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>20 devices over C-MAPSS: 60 units of FD001 are the reference, the other 40 live, FD003 enters by replacement.</summary>
public sealed class EngineFleetTests(ITestOutputHelper output)
{
    private const int Devices = 20;
    private const long ChangeTick = 180;

    private static readonly Lazy<UnitHistory[]> Known = new(() => CmapssUnits.Train("FD001"));
    private static readonly Lazy<UnitHistory[]> Foreign = new(() => CmapssUnits.Train("FD003"));

    [Theory, MemberData(nameof(Seeds), 10)]
    public void A_new_fault_mode_is_seen_within_200_cycles_as_the_fleets_and_nothing_before_it(int seed)
    {
        var trial = new Trial(seed);
        var (found, all) = trial.Fleet(FleetAges.Staggered, changes: true)
            .Watch(trial.Monitor, 1200, v => v is { Level: DriftVerdictKind.Drift, Cause: DriftCause.Fleet });
        output.WriteLine($"seed {seed}: delay {found?.Watermark - ChangeTick} {found?.Detector} [{string.Join(' ', found?.Channels ?? [])}] on {found?.Devices.Count} devices; faults {string.Join(' ', all.SelectMany(v => v.Faults.Select(f => $"{f.Device}/{f.Channel}/{f.Kind}")).Distinct())}");
        output.WriteLine(found?.Evidence[0] ?? "-");

        Assert.NotNull(found);
        Assert.All(all.Where(v => v.Watermark <= ChangeTick), v => Assert.NotEqual(DriftVerdictKind.Drift, v.Level));
        Assert.InRange(found.Watermark - ChangeTick, 1, 200);
        Assert.True(found.Devices.Count > 1);
    }

    [Theory, MemberData(nameof(Seeds), 20)]
    public void A_quiet_fleet_stays_quiet_fresh_ageing_together_or_staggered(int seed)
    {
        var trial = new Trial(seed);
        foreach (var ages in Enum.GetValues<FleetAges>())
        {
            var (found, all) = trial.Fleet(ages, changes: false).Watch(trial.Monitor, 1200, v => v.Level == DriftVerdictKind.Drift);
            output.WriteLine($"seed {seed} {ages}: highest score {all.Max(v => v.Scores.Max(s => Math.Abs(s.Score))):0.00} {found?.Evidence[0]}");
            Assert.Null(found);
        }
    }

    [Theory, MemberData(nameof(Seeds), 10)]
    public void One_devices_stuck_channel_is_named_and_never_the_fleets(int seed)
    {
        var held = float.NaN;
        OneDevice(seed, "T50", DeviceFaultKind.Stuck, (_, row, channel) => row[channel] = held = float.IsNaN(held) ? row[channel] : held);
    }

    [Theory, MemberData(nameof(Seeds), 10)]
    public void One_devices_offset_channel_is_named_and_never_the_fleets(int seed)
    {
        var trial = new Trial(seed);
        var spread = trial.Monitor.Spec.Channels.Single(c => c.Name == "Ps30").Scale;
        OneDevice(seed, "Ps30", DeviceFaultKind.Offset, (_, row, channel) => row[channel] += 4 * spread);
    }

    [Fact]
    public void Calibration_takes_seconds_and_an_evaluation_milliseconds()
    {
        var clock = Stopwatch.StartNew();
        var trial = new Trial(1);
        output.WriteLine($"reference and calibration {clock.Elapsed.TotalSeconds:0.00} s; reference {trial.Reference.ToBytes().Length:N0} bytes, spec {trial.Reference.Spec.ToBytes().Length:N0} bytes");
        var fleet = trial.Fleet(FleetAges.Staggered, changes: false);
        clock.Restart();
        var (_, all) = fleet.Watch(trial.Monitor, 1200, _ => false);
        var perEvaluation = clock.Elapsed.TotalMilliseconds / all.Count;
        output.WriteLine($"{perEvaluation:0.0} ms per evaluation, counting included");
        output.WriteLine(all[0].Budget);
        Assert.True(perEvaluation < 300);
    }

    public static TheoryData<int> Seeds(int count) => [.. Enumerable.Range(1, count)];

    private void OneDevice(int seed, string channel, DeviceFaultKind kind, Action<long, float[], int> spoil)
    {
        var trial = new Trial(seed);
        var at = Array.FindIndex(trial.Monitor.Spec.Channels, c => c.Name == channel);
        var fleet = trial.Fleet(FleetAges.Staggered, changes: false, (device, tick, row) =>
        {
            if (device == 7 && tick >= 150)
            {
                spoil(tick, row, at);
            }
        });
        var (_, all) = fleet.Watch(trial.Monitor, 800, _ => false);
        var first = all.FirstOrDefault(v => v.Cause == DriftCause.Device);
        output.WriteLine($"seed {seed}: {first?.Watermark} {string.Join("; ", first?.Evidence ?? [])}; all {string.Join(' ', all.SelectMany(v => v.Faults.Select(f => $"{f.Device}/{f.Channel}/{f.Kind}")).Distinct())}");

        Assert.All(all, v => Assert.NotEqual(DriftCause.Fleet, v.Cause));
        Assert.NotNull(first);
        Assert.True(first.Watermark >= 150);
        var faults = all.SelectMany(v => v.Faults).Select(f => (f.Device, f.Channel, f.Kind)).Distinct();
        Assert.Equal([(SimulatedFleet.Name(7), channel, kind)], faults);
    }

    private sealed class Trial
    {
        private readonly UnitHistory[] _live;
        private readonly UnitHistory[] _foreign;
        private readonly SplitMix _random;

        public Trial(int seed)
        {
            _random = new((ulong)seed);
            var known = Known.Value.ToArray();
            _foreign = [.. Foreign.Value];
            _random.Shuffle<UnitHistory>(known);
            _random.Shuffle<UnitHistory>(_foreign);
            _live = known[60..];
            Reference = ReferenceSketch.Build(CmapssUnits.Model, known[..60]);
            var factory = new DriftMonitorFactory(
                [new RankShift(), new JensenShannon()], Options.Create(new DriftOptions()));
            Monitor = factory.Create(Reference, factory.Calibrate(Reference, Devices, TestContext.Current.CancellationToken), []);
        }

        public ReferenceSketch Reference { get; }

        public DriftMonitor Monitor { get; }

        public SimulatedFleet Fleet(FleetAges ages, bool changes, Action<int, long, float[]>? spoil = null)
        {
            var (live, foreign) = (0, 0);

            // Forty lives do not last 1,200 cycles: a quiet fleet begins with them again, in another order by then.
            UnitHistory Next(long tick) => changes && tick >= ChangeTick ? _foreign[foreign++ % _foreign.Length] : _live[live++ % _live.Length];
            return new(Monitor.Spec, Devices, ages, _random, Next) { Spoil = spoil ?? ((_, _, _) => { }) };
        }
    }
}
