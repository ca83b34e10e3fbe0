using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Telemetry.Upkeep;

/// <summary>One block of readings as it is stored.</summary>
/// <param name="Position">Of its batch.</param>
/// <param name="Clock">Its batch's.</param>
internal sealed record BlockPart(long Position, ClockCorrection Clock, Readings Readings)
{
    /// <summary>The position of the row that its batch is in.</summary>
    public long Row { get; init; } = Position;
}

/// <summary>Makes large blocks of small ones that follow each other: the same frames, the same bits, fewer bytes.</summary>
internal static class BlockMerge
{
    /// <summary>Most frames of a block: what a query of a few minutes has to read.</summary>
    public const int MostFrames = 4096;

    /// <summary>Which blocks of one unit can be one: they follow each other without a hole or an overlap, with the same columns and the same clock.</summary>
    /// <returns>Groups of two or more, each in the order of frames.</returns>
    public static IEnumerable<IReadOnlyList<BlockPart>> Groups(IEnumerable<BlockPart> parts)
    {
        var group = new List<BlockPart>();
        long frames = 0;
        foreach (var part in parts.OrderBy(p => p.Readings.FirstFrame).ThenBy(p => p.Position))
        {
            if (group.Count > 0 && !(Follows(group[^1], part) && frames + part.Readings.Frames <= MostFrames))
            {
                if (group.Count > 1)
                {
                    yield return group;
                }

                (group, frames) = ([], 0);
            }

            group.Add(part);
            frames += part.Readings.Frames;
        }

        if (group.Count > 1)
        {
            yield return group;
        }
    }

    /// <param name="parts">A group.</param>
    /// <param name="schema">Of all of them.</param>
    public static Readings Merge(IReadOnlyList<BlockPart> parts, Schema schema, ColumnEncoder encoder)
    {
        var (first, frames) = (parts[0].Readings, parts.Sum(p => (int)p.Readings.Frames));
        var columns = new float[schema.Channels.Count][];
        for (var c = 0; c < columns.Length; c++)
        {
            columns[c] = new float[frames];
        }

        var at = 0;
        foreach (var part in parts)
        {
            var values = Columns(part.Readings, schema).Decode();
            for (var c = 0; c < columns.Length; c++)
            {
                values[c].CopyTo(columns[c], at);
            }

            at += (int)part.Readings.Frames;
        }

        var merged = new Readings
        {
            Asset = first.Asset,
            Installation = first.Installation,
            MachineKind = first.MachineKind,
            FirstFrame = first.FirstFrame,
            Frames = (uint)frames,
            FirstTimeMs = first.FirstTimeMs,
            Schema = SchemaId.Of(schema),
            Block = UnsafeByteOperations.UnsafeWrap(encoder.Encode(columns.Select(column => (ReadOnlyMemory<float>)column))),
        };
        SetTimes(merged, parts);
        SetOrigins(merged, parts);

        return merged;
    }

    private static bool Follows(BlockPart before, BlockPart after)
    {
        var (a, b) = (before.Readings, after.Readings);
        var apart = new FrameTimes(b).FirstMs - new FrameTimes(a).LastMs;
        return b.FirstFrame == a.FirstFrame + a.Frames && IdOf(a) == IdOf(b) && a.MachineKind == b.MachineKind && before.Clock == after.Clock && apart is >= 0 and <= uint.MaxValue;
    }

    // The first agents' columns stand without a schema; they get its name.
    private static ByteString IdOf(Readings readings) => readings.Schema.IsEmpty ? SchemaId.Of(ReadingColumns.Of(new(), readings).Schema) : readings.Schema;

    private static ReadingColumns Columns(Readings readings, Schema schema) =>
        readings.Schema.IsEmpty ? ReadingColumns.Of(new(), readings) : ReadingColumns.OfSchema(readings, schema);

    private static void SetTimes(Readings merged, IReadOnlyList<BlockPart> parts)
    {
        var times = parts.SelectMany(p => new FrameTimes(p.Readings).ToArray()).ToArray();
        uint[] deltas = [.. times.Zip(times.Skip(1), (a, b) => (uint)(b - a))];
        if (deltas[0] > 0 && Array.TrueForAll(deltas, delta => delta == deltas[0]))
        {
            merged.IntervalMs = deltas[0];
        }
        else
        {
            merged.TimeDeltasMs.AddRange(deltas);
        }
    }

    // Parts of batches that came together stand at one position after the other.
    private static void SetOrigins(Readings merged, IReadOnlyList<BlockPart> parts)
    {
        foreach (var (position, frames, run) in parts.SelectMany(part => BlockOrigins.Of(part.Readings, (ulong)part.Position)))
        {
            var end = merged.PartPositions.Count - 1;
            if (end >= 0 && merged.PartFrames[end] == frames && merged.PartPositions[end] + merged.PartRuns[end] == position)
            {
                merged.PartRuns[end] += run;
                continue;
            }

            merged.PartPositions.Add(position);
            merged.PartFrames.Add(frames);
            merged.PartRuns.Add(run);
        }
    }
}
