namespace MlOps.Edge.Benchmarks.Signal;

/// <summary>
/// The signal that everything here is measured with, a function of its seed: 24 channels that follow one load, a slow swing, and white noise,
/// rounded to the channel's resolution. About every 300 frames the load steps up or down by 20 % of its range, and each channel with it.
/// A device reads it from a place of its own; behind the last frame it begins again.
/// </summary>
internal sealed class ReferenceSignal
{
    /// <summary>Frames before it begins again.</summary>
    public const int Period = 1 << 16;

    /// <summary>The most frames that can be taken at once.</summary>
    public const int MostFrames = 4096;

    private const double FramesPerRegime = 300;
    private const double LoadStep = 0.2;
    private const double SwingFrames = 3600;
    private const double SwingShare = 0.02;

    private readonly float[][] _channels;

    public ReferenceSignal(long seed) => _channels = [.. ChannelShape.All.Select((shape, c) => Channel(shape, Loads(seed), new(seed * 1000 + c)))];

    /// <summary>One channel, consecutive frames.</summary>
    /// <param name="frame">From 0, however far.</param>
    /// <param name="count">At most <see cref="MostFrames"/>.</param>
    public ReadOnlyMemory<float> Take(int channel, long frame, int count) => _channels[channel].AsMemory((int)(frame % Period), count);

    /// <summary>Where a device's frame 0 is.</summary>
    public static long OffsetOf(int device) => device * 7919L % Period;

    private static float[] Channel(ChannelShape shape, double[] loads, SeededNormal random)
    {
        var (scale, values) = (Math.Pow(10, shape.Decimals), new float[Period + MostFrames]);
        for (var f = 0; f < Period; f++)
        {
            var swing = SwingShare * shape.Range * Math.Sin(2 * Math.PI * f / SwingFrames);
            var steps = Math.Round((shape.Idle + loads[f] * shape.Range + swing) * scale + shape.NoiseSteps * random.Normal());
            values[f] = (float)(steps / scale);
        }

        values.AsSpan(0, MostFrames).CopyTo(values.AsSpan(Period));
        return values;
    }

    private static double[] Loads(long seed)
    {
        var (random, loads, load) = (new SeededNormal(seed), new double[Period], 0.4);
        for (var f = 0; f < Period; f++)
        {
            if (random.Uniform() < 1 / FramesPerRegime)
            {
                var up = load < LoadStep / 2 || load < 1 - LoadStep / 2 && random.Uniform() < 0.5;
                load += up ? LoadStep : -LoadStep;
            }

            loads[f] = load;
        }

        return loads;
    }
}
