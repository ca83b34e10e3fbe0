using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

internal enum SensorFaultKind { Stuck = 0, Offset = 1 }

/// <summary>A sensor of one device that goes bad and stays so, whatever machine stands before it.</summary>
/// <param name="Device">Index of the device.</param>
/// <param name="Channel">Index of the channel.</param>
/// <param name="FirstTick">The first tick in which it is bad.</param>
/// <param name="Value">Stuck: what it says for ever. Offset: what it adds. In the channel's unit.</param>
internal sealed record SensorFault(int Device, int Channel, SensorFaultKind Kind, int FirstTick, float Value)
{
    /// <summary>So far off that a person would see it, and yet no number that a range check could refuse.</summary>
    private const double OffsetInDeviations = 6;

    /// <summary>A channel whose readings take fewer steps than this looks stuck when it is well.</summary>
    private const double StepsInDeviation = 3;

    public void Apply(int tick, Span<float> frame)
    {
        if (tick < FirstTick)
        {
            return;
        }

        frame[Channel] = Kind == SensorFaultKind.Stuck ? Value : frame[Channel] + Value;
    }

    /// <param name="running">The machine in front of the device in the tick before the fault.</param>
    /// <param name="age">Its age in that tick.</param>
    public static SensorFault Draw(int device, int firstTick, string running, int age, IMachineSource source, SeededRandom random)
    {
        var spreads = QuietSpread.Measure(source);
        int[] channels = [.. Enumerable.Range(0, spreads.Count).Where(channel => spreads[channel].Deviation > StepsInDeviation * spreads[channel].Step)];
        if (channels.Length == 0)
        {
            throw new ScenarioException("--change one-device: no channel of this machine moves enough to show a bad sensor");
        }

        var channel = channels[random.Between(0, channels.Length - 1)];
        if (random.Chance(0.5))
        {
            var sign = random.Chance(0.5) ? 1 : -1;
            return new SensorFault(device, channel, SensorFaultKind.Offset, firstTick, (float)(sign * OffsetInDeviations * spreads[channel].Deviation));
        }

        return new SensorFault(device, channel, SensorFaultKind.Stuck, firstTick, LastReading(source, running, age, channel));
    }

    private static float LastReading(IMachineSource source, string unit, int age, int channel)
    {
        var machine = source.Create(unit);
        var frame = new float[source.Kind.Channels.Count];
        var last = float.NaN;
        while ((machine.Age <= age || float.IsNaN(last)) && machine.TryNext(frame))
        {
            last = float.IsNaN(frame[channel]) ? last : frame[channel];
        }

        return last;
    }
}
