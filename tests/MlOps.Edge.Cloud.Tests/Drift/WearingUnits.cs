using System.Globalization;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Drift;

/// <summary>Machines that wear: two regimes, unit-to-unit variation, and noise that remembers itself (AR(1), φ = 0.9).</summary>
internal static class WearingUnits
{
    public const int Sensors = 5;

    public static ModelDefinition Model { get; } = new()
    {
        Name = "wear",
        MachineKind = "press",
        Channels = [new("load", "%", ChannelRole.Setting), .. Enumerable.Range(0, Sensors).Select(i => new ChannelSpec($"s{i}", "1"))],
        Window = 20,
        SampleInterval = TimeSpan.FromMinutes(1),
        RulCap = 125,
    };

    public static UnitHistory[] Many(int units, SplitMix random) => [.. Enumerable.Range(0, units).Select(i => One(i, random))];

    public static UnitHistory One(int id, SplitMix random)
    {
        const double Phi = 0.9;
        var life = 140 + random.Below(160);
        double[] birth = [.. Enumerable.Range(0, Sensors).Select(_ => 0.6 * Normal(random))];
        double[] rate = [.. Enumerable.Range(0, Sensors).Select(_ => 3 + (0.5 * Normal(random)))];
        double[] noise = [.. Enumerable.Range(0, Sensors).Select(_ => Normal(random))];
        var values = new List<float>();
        var high = false;
        for (var age = 0; age < life; age++)
        {
            high = random.Uniform() < 0.05 ? !high : high;
            values.Add((float)((high ? 80 : 40) + Normal(random)));
            var worn = Math.Pow((double)age / life, 3);
            for (var s = 0; s < Sensors; s++)
            {
                noise[s] = (Phi * noise[s]) + (Math.Sqrt(1 - (Phi * Phi)) * Normal(random));
                values.Add((float)((high ? 10 : 0) + birth[s] + (rate[s] * worn) + noise[s]));
            }
        }

        return new()
        {
            Unit = string.Create(CultureInfo.InvariantCulture, $"press-{id:0000}#1"),
            Channels = Sensors + 1,
            Values = [.. values],
            End = UnitEnd.Failed,
        };
    }

    private static double Normal(SplitMix random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.Uniform())) * Math.Cos(2 * Math.PI * random.Uniform());
}
