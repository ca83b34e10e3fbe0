using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Trainers;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training;

/// <summary>Small made-up machines whose wear is a law plus noise, for tests that need no recorded data.</summary>
internal static class WearingMachines
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "press",
        MachineKind = "press",
        Window = 20,
        RulCap = 60,
        SampleInterval = TimeSpan.FromMinutes(1),
        Channels =
        [
            new("speed", "1/min", ChannelRole.Setting),
            new("vibration", "mm/s"),
            new("temperature", "Cel"),
            new("serial", "1"),
        ],
    };

    /// <summary>Units that failed; the wear shows in two channels, whose level depends on the speed. The new fault cools instead of shaking.</summary>
    public static List<UnitHistory> Failed(int count, int seed, string prefix = "press", bool twoSpeeds = false, bool newFault = false)
    {
        var random = new SplitMix((ulong)seed);
        return [.. Enumerable.Range(0, count).Select(unit => Life($"{prefix}-{unit:00}#1", ref random, twoSpeeds, newFault))];
    }

    public static UnitHistory Part(UnitHistory unit, int from, int to, UnitEnd end) => new()
    {
        Unit = unit.Unit,
        Channels = unit.Channels,
        FirstFrame = unit.FirstFrame + from,
        Values = unit.Values[(from * unit.Channels)..(to * unit.Channels)],
        End = end,
    };

    private static UnitHistory Life(string unit, ref SplitMix random, bool twoSpeeds, bool newFault)
    {
        int frames = 80 + random.Next(60);
        var values = new float[frames * 4];
        for (int frame = 0; frame < frames; frame++)
        {
            double worn = Math.Exp(-(frames - 1 - frame) / 25.0), speed = twoSpeeds && random.Next(2) == 1 ? 3000 : 1500;
            double Noise(ref SplitMix source) => source.NextDouble() + source.NextDouble() - 1;
            values[(frame * 4) + 0] = (float)speed;
            values[(frame * 4) + 1] = (float)((speed / 1000) + ((newFault ? 0 : 2) * worn) + (0.2 * Noise(ref random)));
            values[(frame * 4) + 2] = (float)((speed / 50) + ((newFault ? -10 : 10) * worn) + (2 * Noise(ref random)));
            values[(frame * 4) + 3] = 7;
        }

        return new() { Unit = unit, Channels = 4, Values = values, End = UnitEnd.Failed };
    }
}
