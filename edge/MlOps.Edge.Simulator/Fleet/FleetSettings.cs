using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Recorded;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Fleet;

/// <summary>Which machines, how many devices, and where the cloud is.</summary>
internal sealed record FleetSettings
{
    public required int Devices { get; init; }
    public required long Seed { get; init; }
    public required Change Change { get; init; }
    public required int Ticks { get; init; }

    /// <summary>A folder of recordings; null: the built-in plant.</summary>
    public string? Data { get; init; }

    /// <summary>The built-in plant's machines: pump or bearing.</summary>
    public required string Machine { get; init; }
    public required Uri Cloud { get; init; }
    public required string BrokerHost { get; init; }
    public required int BrokerPort { get; init; }

    /// <summary>Agents' state folders and the plant's books.</summary>
    public required string State { get; init; }

    /// <summary>In words.</summary>
    public string Source => Data is null ? $"built-in plant simulator ({Machine})" : $"recordings in {Data}";

    /// <param name="seen">How the fleet sees the machines, e.g. faster than they live.</param>
    public (IMachineSource Source, FleetPlan Plan) Draw(Func<IMachineSource, IMachineSource> seen)
    {
        var source = seen(Data is { } folder
            ? RecordedFolder.Open(folder, Seed)
            : new PlantSource(PlantKind.Parse(Machine), Seed, PlantPoolSizes.For(Devices, Ticks)));
        return (source, FleetPlan.Draw(new() { Devices = Devices, Seed = Seed, Change = Change, Ticks = Ticks }, source));
    }
}
