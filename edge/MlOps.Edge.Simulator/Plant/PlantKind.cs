using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Bearings;
using MlOps.Edge.Simulator.Plant.Pumps;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Plant;

/// <summary>Which of a kind's two ways of dying a unit takes.</summary>
internal enum FaultMode
{
    /// <summary>The one that everybody knows.</summary>
    First = 0,

    /// <summary>The one that comes later, and shows in other channels.</summary>
    Second = 1,
}

/// <summary>The physics of one unit, without its sensors.</summary>
internal interface IPlantPhysics
{
    /// <summary>0 when new, 1 at the end of life; never falls.</summary>
    double Damage { get; }

    /// <summary>Lives through one sample interval and writes the true value of every channel at its end.</summary>
    void Advance(in Duty duty, Span<double> truth);
}

/// <summary>A kind of machine that the plant simulator can wear out.</summary>
internal sealed record PlantKind
{
    /// <summary>The kinds by the short names that the command line takes. A new kind is a folder and a line here.</summary>
    public static IReadOnlyDictionary<string, PlantKind> ByName { get; } = new SortedDictionary<string, PlantKind>(StringComparer.Ordinal)
    {
        ["pump"] = CentrifugalPump.Kind,
        ["bearing"] = MotorBearing.Kind,
    };

    public required string Name { get; init; }

    public required IReadOnlyList<SensorSpec> Sensors { get; init; }

    public required IReadOnlyList<Regime> Regimes { get; init; }

    /// <summary>Builds a unit as it leaves the works; the random numbers are its manufacturing variation.</summary>
    public required Func<FaultMode, SeededRandom, IPlantPhysics> Build { get; init; }

    public MachineKind Machine => new() { Name = Name, Channels = [.. Sensors.Select(sensor => sensor.Channel)] };

    /// <exception cref="ArgumentException">No such kind; the message lists those there are.</exception>
    public static PlantKind Parse(string name) => ByName.TryGetValue(name, out var kind)
        ? kind
        : throw new ArgumentException($"there is no machine '{name}': choose one of {string.Join(", ", ByName.Keys)}");
}
