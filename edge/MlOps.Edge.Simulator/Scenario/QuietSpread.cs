using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>How a channel moves while machines are well.</summary>
/// <param name="Deviation">Standard deviation among young machines in the same regime; 0 for settings.</param>
/// <param name="Step">The smallest step between two different readings.</param>
internal readonly record struct QuietSpread(double Deviation, double Step)
{
    private const int Machines = 20;
    private const double YoungShare = 0.3;

    // Settings that take more values than this are no regimes but readings with noise of their own.
    private const int MostRegimes = 12;

    /// <summary>One spread per channel, from the first third of the lives of some machines of the history.</summary>
    public static IReadOnlyList<QuietSpread> Measure(IMachineSource source)
    {
        var channels = source.Kind.Channels;
        int[] settings = [.. Enumerable.Range(0, channels.Count).Where(channel => channels[channel].Role == ChannelRole.Setting)];
        var frames = YoungFrames(source);
        var regimes = frames.GroupBy(frame => string.Join('/', settings.Select(channel => frame[channel]))).ToList();
        List<List<float[]>> groups = regimes.Count <= MostRegimes ? [.. regimes.Select(regime => regime.ToList())] : [frames];

        return [.. Enumerable.Range(0, channels.Count).Select(channel => channels[channel].Role == ChannelRole.Setting
            ? default
            : new QuietSpread(DeviationIn(groups, channel), StepIn(frames, channel)))];
    }

    private static List<float[]> YoungFrames(IMachineSource source)
    {
        List<float[]> frames = [];
        foreach (var unit in source.Pools.History.Take(Machines))
        {
            var machine = source.Create(unit);
            var young = (int)(source.LifeOf(unit) * YoungShare);
            var frame = new float[source.Kind.Channels.Count];
            while (machine.Age < young && machine.TryNext(frame))
            {
                frames.Add([.. frame]);
            }
        }

        return frames;
    }

    private static double DeviationIn(List<List<float[]>> groups, int channel)
    {
        double squares = 0;
        var count = 0;
        foreach (var group in groups)
        {
            double[] values = [.. group.Select(frame => (double)frame[channel]).Where(double.IsFinite)];
            var mean = values.DefaultIfEmpty().Average();
            squares += values.Sum(value => (value - mean) * (value - mean));
            count += values.Length;
        }

        return count == 0 ? 0 : Math.Sqrt(squares / count);
    }

    private static double StepIn(List<float[]> frames, int channel)
    {
        float[] values = [.. frames.Select(frame => frame[channel]).Where(float.IsFinite).Distinct().Order()];
        return values.Length < 2 ? double.PositiveInfinity : values.Zip(values.Skip(1), (low, high) => (double)high - low).Min();
    }
}
