using System.Globalization;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Plant;

/// <summary>Units of one kind out of the plant simulator. A unit is nothing but its name and the seed.</summary>
internal sealed class PlantSource : IMachineSource
{
    private readonly PlantKind _kind;
    private readonly long _seed;
    private readonly Dictionary<string, FaultMode> _modes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _lives = new(StringComparer.Ordinal);

    public PlantSource(PlantKind kind, long seed, PlantPoolSizes sizes)
    {
        (_kind, _seed) = (kind, seed);
        Kind = kind.Machine;
        Pools = new UnitPools
        {
            History = Name("h", sizes.History, FaultMode.First),
            First = Name("f", sizes.First, FaultMode.First),
            Second = Name("s", sizes.Second, FaultMode.Second),
        };
    }

    public MachineKind Kind { get; }

    public UnitPools Pools { get; }

    /// <summary>How often the sensors misbehave by themselves. Default: <see cref="SensorHealth.Ordinary"/>.</summary>
    public SensorHealth Health { get; init; } = SensorHealth.Ordinary;

    public int LifeOf(string unit)
    {
        if (_lives.TryGetValue(unit, out var known))
        {
            return known;
        }

        // How long a machine lasts is not drawn but lived: it is run to its end once, ahead of time.
        return _lives[unit] = Create(unit).LiveToTheEnd();
    }

    IMachine IMachineSource.Create(string unit) => Create(unit);

    public PlantMachine Create(string unit) => _modes.TryGetValue(unit, out var mode)
        ? new PlantMachine(_kind, mode, Health, _seed, unit)
        : throw new ArgumentException($"the plant has no unit '{unit}'", nameof(unit));

    private string[] Name(string prefix, int count, FaultMode mode)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(n => string.Create(CultureInfo.InvariantCulture, $"{prefix}{n:000}"))];
        foreach (var name in names)
        {
            _modes.Add(name, mode);
        }

        return names;
    }
}

/// <summary>How many units the plant has for each pool; they cost nothing until they are run.</summary>
internal sealed record PlantPoolSizes
{
    // No machine of the plant lasts less than this, so a pool of one for each such span cannot run dry.
    private const int ShortestLife = 100;

    /// <summary>Default: 60.</summary>
    public int History { get; init; } = 60;

    public required int First { get; init; }

    public required int Second { get; init; }

    /// <summary>Pools that suffice for a fleet, also where half of the machines are taken out early.</summary>
    public static PlantPoolSizes For(int devices, int ticks)
    {
        var most = devices * (2 + (2 * ticks / ShortestLife));
        return new PlantPoolSizes { First = most, Second = most };
    }
}
