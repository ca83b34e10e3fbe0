namespace MlOps.Edge.Sketches;

/// <summary>The canonical bytes of a <see cref="SketchSpec"/>: format 1, fields in the order written here.</summary>
internal static class SketchSpecCodec
{
    private const byte Format = 1;

    public static byte[] Encode(SketchSpec spec)
    {
        var to = new VarintWriter();
        to.Count(Format);
        to.Count(spec.Block);
        to.Count(spec.AgeEdges.Length);
        foreach (var edge in spec.AgeEdges)
        {
            to.Count(edge);
        }

        to.Count(spec.Channels.Length);
        foreach (var channel in spec.Channels)
        {
            to.Text(channel.Name);
            to.Float(channel.Center);
            to.Float(channel.Scale);
            to.Count(channel.Edges.Length);
            Array.ForEach(channel.Edges, to.Float);
        }

        to.Count(spec.Regimes.Fallback);
        to.Count(spec.Regimes.Channels.Length);
        for (var i = 0; i < spec.Regimes.Channels.Length; i++)
        {
            to.Count(spec.Regimes.Channels[i]);
            to.Float(spec.Regimes.Scales[i]);
        }

        to.Count(spec.Regimes.Count);
        foreach (var centroid in spec.Regimes.Centroids)
        {
            Array.ForEach(centroid, to.Float);
        }

        return to.ToArray();
    }

    public static SketchSpec Decode(ReadOnlySpan<byte> bytes)
    {
        var from = new VarintReader(bytes, "sketch specification");
        if (from.Count() is var format and not Format)
        {
            throw from.Broken($"format {format} is not known here");
        }

        var block = (int)from.Count(int.MaxValue);
        var ages = new long[from.Length()];
        for (var i = 0; i < ages.Length; i++)
        {
            ages[i] = from.Count();
        }

        var channels = new ChannelBins[from.Length()];
        for (var i = 0; i < channels.Length; i++)
        {
            channels[i] = new()
            {
                Name = from.Text(),
                Center = from.Float(),
                Scale = from.Float(),
                Edges = Floats(ref from, from.Length()),
            };
        }

        var regimes = Regimes(ref from);
        from.End();
        return new() { Block = block, AgeEdges = ages, Channels = channels, Regimes = regimes };
    }

    private static RegimeMap Regimes(ref VarintReader from)
    {
        var fallback = (int)from.Count(int.MaxValue);
        var settings = new int[from.Length()];
        var scales = new float[settings.Length];
        for (var i = 0; i < settings.Length; i++)
        {
            settings[i] = (int)from.Count(int.MaxValue);
            scales[i] = from.Float();
        }

        // A single regime without settings has a centroid of no values, which takes no bytes: hence a bound by number.
        var centroids = new float[from.Count(64)][];
        for (var i = 0; i < centroids.Length; i++)
        {
            centroids[i] = Floats(ref from, settings.Length);
        }

        return new() { Fallback = fallback, Channels = settings, Scales = scales, Centroids = centroids };
    }

    private static float[] Floats(ref VarintReader from, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = from.Float();
        }

        return values;
    }
}
