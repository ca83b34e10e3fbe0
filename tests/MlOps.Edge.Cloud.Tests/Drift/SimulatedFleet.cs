using System.Globalization;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Drift;

internal enum FleetAges { Fresh, Together, Staggered }

/// <summary>Devices that count as real ones do and replace a unit that has failed by the next; no broker, no store.</summary>
internal sealed class SimulatedFleet
{
    private readonly SketchSpec _spec;
    private readonly Func<long, UnitHistory> _next;
    private readonly Installed[] _devices;
    private readonly List<DeviceIncrement> _pending = [];

    public SimulatedFleet(SketchSpec spec, int devices, FleetAges ages, SplitMix random, Func<long, UnitHistory> next)
    {
        (_spec, _next) = (spec, next);
        var alike = random.Uniform() * 0.75;
        _devices = [.. Enumerable.Range(0, devices).Select(_ =>
        {
            var life = next(0);
            var lived = ages switch { FleetAges.Fresh => 0, FleetAges.Together => alike, _ => random.Uniform() * 0.75 };
            return new Installed(life, 1, (int)(lived * life.Frames), new(spec));
        })];
    }

    public long Tick { get; private set; } = -1;

    /// <summary>What a sensor makes of a machine: device, tick, the machine's age and the row to spoil.</summary>
    public Action<int, long, int, float[]> Spoil { get; init; } = static (_, _, _, _) => { };

    public static string Name(int device) => string.Create(CultureInfo.InvariantCulture, $"dev-{device:00}");

    public void Step()
    {
        Tick++;
        for (var device = 0; device < _devices.Length; device++)
        {
            var (life, installation, age, counter) = _devices[device];
            if (age >= life.Frames)
            {
                (life, installation, age, counter) = (_next(Tick), installation + 1, 0, new(_spec));
            }

            var row = life.Row(age).ToArray();
            Spoil(device, Tick, age, row);
            counter.Add(row, age);
            if (counter.Due || age == life.Frames - 1)
            {
                _pending.Add(new(Name(device), $"asset-{device:00}", installation, counter.Flush()!));
            }

            _devices[device] = new(life, installation, age + 1, counter);
        }
    }

    public DriftEvidence Take()
    {
        var news = new DriftEvidence(Tick, [.. _pending], [], []);
        _pending.Clear();
        return news;
    }

    /// <summary>Runs to the horizon, evaluating every five ticks, until the verdict is as asked.</summary>
    public (DriftVerdict? Found, List<DriftVerdict> All) Watch(DriftMonitor monitor, long until, Func<DriftVerdict, bool> stop)
    {
        var state = monitor.Begin();
        var all = new List<DriftVerdict>();
        while (Tick < until)
        {
            Step();
            if (Tick % 5 == 4)
            {
                (state, var verdict) = monitor.Evaluate(state, Take());
                all.Add(verdict);
                if (stop(verdict))
                {
                    return (verdict, all);
                }
            }
        }

        return (null, all);
    }

    private readonly record struct Installed(UnitHistory Life, long Installation, int Age, SketchCounter Counter);
}
