namespace MlOps.Edge.Sketches;

/// <summary>
/// The bytes of a <see cref="SketchIncrement"/>, format 1: frames, runs, then cells and sums with ascending keys as
/// differences, so that most entries take two or three bytes.
/// </summary>
internal static class SketchIncrementCodec
{
    private const byte Format = 1;

    // Six bits: the most bins that a channel may have (62 edges, two open ends and the missing values share 64).
    private const long BinsPerKey = 64;

    public static byte[] Encode(SketchIncrement increment)
    {
        var channels = increment.LongestRuns.Length;
        var to = new VarintWriter();
        to.Count(Format);
        to.Count(increment.FirstFrame);
        to.Count(increment.LastFrame - increment.FirstFrame);
        to.Count(increment.Rows);
        to.Count(channels);
        foreach (var run in increment.LongestRuns)
        {
            to.Count(run);
        }

        to.Count(increment.Cells.Length);
        var previous = 0L;
        foreach (var cell in increment.Cells)
        {
            var key = (((cell.Stratum * (long)channels) + cell.Channel) * BinsPerKey) + cell.Bin;
            to.Count(key - previous);
            to.Count(cell.Count);
            previous = key;
        }

        to.Count(increment.Sums.Length);
        previous = 0;
        foreach (var sum in increment.Sums)
        {
            var key = (sum.Stratum * (long)channels) + sum.Channel;
            to.Count(key - previous);
            to.Signed(sum.Steps);
            previous = key;
        }

        return to.ToArray();
    }

    public static SketchIncrement Decode(ReadOnlySpan<byte> bytes, SketchSpec spec)
    {
        var from = new VarintReader(bytes, "sketch");
        if (from.Count() is var format and not Format)
        {
            throw from.Broken($"format {format} is not known here");
        }

        var first = from.Count();
        var last = first + from.Count(long.MaxValue - first);
        var rows = from.Count();
        if (rows == 0 || rows - 1 > last - first)
        {
            throw from.Broken($"{rows} frames do not fit between frame {first} and frame {last}");
        }

        var runs = new int[from.Length()];
        if (runs.Length != spec.Channels.Length)
        {
            throw from.Broken($"it has {runs.Length} channels and its specification {spec.Channels.Length}");
        }

        for (var i = 0; i < runs.Length; i++)
        {
            runs[i] = (int)from.Count(int.MaxValue);
        }

        var cells = Cells(ref from, spec, rows);
        var sums = Sums(ref from, spec);
        from.End();
        return new() { FirstFrame = first, LastFrame = last, Rows = rows, LongestRuns = runs, Cells = cells, Sums = sums };
    }

    private static SketchCell[] Cells(ref VarintReader from, SketchSpec spec, long rows)
    {
        var counted = new long[spec.Channels.Length];
        var cells = new SketchCell[from.Length()];
        var key = 0L;
        for (var i = 0; i < cells.Length; i++)
        {
            key = Next(ref from, key, i, spec.Strata * (long)spec.Channels.Length * BinsPerKey);
            var channel = (int)(key / BinsPerKey % spec.Channels.Length);
            var count = from.Count(rows - counted[channel]);
            var bin = (int)(key % BinsPerKey);
            if (count == 0 || bin >= spec.Channels[channel].Bins)
            {
                throw from.Broken($"bin {bin} of channel '{spec.Channels[channel].Name}' is not there or counts nothing");
            }

            counted[channel] += count;
            cells[i] = new((int)(key / BinsPerKey / spec.Channels.Length), channel, bin, count);
        }

        var missed = Array.FindIndex(counted, c => c != rows);
        return missed < 0 ? cells : throw from.Broken($"channel '{spec.Channels[missed].Name}' counts {counted[missed]} of {rows} frames");
    }

    private static SketchSum[] Sums(ref VarintReader from, SketchSpec spec)
    {
        var sums = new SketchSum[from.Length()];
        var key = 0L;
        for (var i = 0; i < sums.Length; i++)
        {
            key = Next(ref from, key, i, spec.Strata * (long)spec.Channels.Length);
            sums[i] = new((int)(key / spec.Channels.Length), (int)(key % spec.Channels.Length), from.Signed());
        }

        return sums;
    }

    private static long Next(ref VarintReader from, long key, int index, long keys)
    {
        var step = from.Count(keys);
        return (index == 0 || step > 0) && key + step < keys ? key + step : throw from.Broken("its entries are not in order or out of range");
    }
}
