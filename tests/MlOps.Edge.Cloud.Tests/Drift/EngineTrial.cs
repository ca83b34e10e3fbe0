using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>20 devices over C-MAPSS: 60 units of FD001 are the reference, the other 40 live, FD003 enters by replacement.</summary>
internal sealed class EngineTrial
{
    public const long ChangeTick = 180;

    private const int Devices = 20;

    private static readonly Lazy<UnitHistory[]> Known = new(() => CmapssUnits.Train("FD001"));
    private static readonly Lazy<UnitHistory[]> Foreign = new(() => CmapssUnits.Train("FD003"));

    // Limits take seconds and are the same for a seed, whichever class asks.
    private static readonly ConcurrentDictionary<int, Lazy<DriftMonitor>> Monitors = [];

    private readonly UnitHistory[] _live;
    private readonly UnitHistory[] _foreign;
    private readonly SplitMix _random;

    public EngineTrial(int seed)
    {
        CmapssUnits.Folder();
        _random = new((ulong)seed);
        var known = Known.Value.ToArray();
        _foreign = [.. Foreign.Value];
        _random.Shuffle<UnitHistory>(known);
        _random.Shuffle<UnitHistory>(_foreign);
        _live = known[60..];
        Monitor = Monitors.GetOrAdd(seed, _ => new(() => Watch(known[..60]))).Value;
    }

    public DriftMonitor Monitor { get; }

    public static TheoryData<int> Seeds(int count) => [.. Enumerable.Range(1, count)];

    public SimulatedFleet Fleet(FleetAges ages, bool changes, Action<int, long, int, float[]>? spoil = null)
    {
        var (live, foreign) = (0, 0);

        // Forty lives do not last 1,200 cycles: a quiet fleet begins with them again, in another order by then.
        UnitHistory Next(long tick) => changes && tick >= ChangeTick ? _foreign[foreign++ % _foreign.Length] : _live[live++ % _live.Length];
        return new(Monitor.Spec, Devices, ages, _random, Next) { Spoil = spoil ?? ((_, _, _, _) => { }) };
    }

    private static DriftMonitor Watch(UnitHistory[] history)
    {
        var reference = ReferenceSketch.Build(CmapssUnits.Model, history);
        var factory = new DriftMonitorFactory([new RankShift(), new JensenShannon()], Options.Create(new DriftOptions()));
        return factory.Create(reference, factory.Calibrate(reference, Devices, CancellationToken.None), []);
    }
}
