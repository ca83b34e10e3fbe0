using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Tests.Plant;

/// <summary>Whole lives, for tests to look at.</summary>
internal static class Lives
{
    public static TheoryData<string> Kinds => [.. PlantKind.ByName.Keys];

    public static PlantSource Source(string kind, long seed = 1, SensorHealth? health = null) =>
        new(PlantKind.Parse(kind), seed, new PlantPoolSizes { First = 40, Second = 40 }) { Health = health ?? SensorHealth.Ordinary };

    /// <summary>Every frame of a unit.</summary>
    public static float[][] Read(IMachine machine)
    {
        List<float[]> frames = [];
        var frame = new float[machine.Kind.Channels.Count];
        while (machine.TryNext(frame))
        {
            frames.Add([.. frame]);
        }

        return [.. frames];
    }

    public static float[][] Read(PlantSource source, string unit) => Read(source.Create(unit));

    /// <summary>The true value of one channel in every frame spent in the middle regime, where lives can be compared.</summary>
    public static double[] Truth(PlantSource source, string unit, string channel)
    {
        var index = Channel(source, channel);
        var machine = source.Create(unit);
        var regime = PlantKind.ByName.Values.Single(kind => kind.Name == machine.Kind.Name).Regimes[1].Speed;
        var frame = new float[machine.Kind.Channels.Count];
        List<double> values = [];
        while (machine.TryNext(frame))
        {
            if (machine.Truth[0] == regime)
            {
                values.Add(machine.Truth[index]);
            }
        }

        return [.. values];
    }

    public static int Channel(PlantSource source, string name) =>
        source.Kind.Channels.Select((channel, index) => (channel, index)).Single(pair => pair.channel.Name == name).index;
}
