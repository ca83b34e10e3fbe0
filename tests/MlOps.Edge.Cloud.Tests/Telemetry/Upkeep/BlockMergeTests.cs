using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

public class BlockMergeTests
{
    [Fact]
    public void Blocks_that_follow_each_other_become_one_with_every_bit_and_every_time()
    {
        float[] odd = [1.5f, float.NaN, BitConverter.Int32BitsToSingle(0x7FC00001), -0f];
        var group = Assert.Single(BlockMerge.Groups([Part(12, 4, [7f]), Part(10, 0, odd), Part(17, 5, [8f, 9f])]));
        var merged = BlockMerge.Merge(group, Schema(group[0]), new());

        Assert.Equal((0ul, 7u, 3_600_000u), (merged.FirstFrame, merged.Frames, merged.IntervalMs));
        Assert.Equal(((float[])[.. odd, 7, 8, 9]).Select(BitConverter.SingleToInt32Bits), ReadingColumns.OfSchema(merged, Schema(group[0])).Decode()[0].Select(BitConverter.SingleToInt32Bits));
        Assert.Equal([(10ul, 4u, 1u), (12ul, 1u, 1u), (17ul, 2u, 1u)], BlockOrigins.Of(merged, 17));
    }

    [Fact]
    public void A_merged_block_is_merged_again_and_still_knows_its_parts()
    {
        var first = BlockMerge.Merge([Part(1, 0, [1]), Part(2, 1, [2])], Schema(Part(1, 0, [1])), new());
        var again = BlockMerge.Merge([new(2, ClockCorrection.None, first), Part(3, 2, [3]), Part(7, 3, [4]), Part(8, 4, [5, 6])], Schema(Part(1, 0, [1])), new());
        Assert.Equal([(1ul, 1u, 3u), (7ul, 1u, 1u), (8ul, 2u, 1u)], BlockOrigins.Of(again, 8));
    }

    [Fact]
    public void Times_that_are_not_even_come_back()
    {
        var late = Part(2, 2, [3]);
        late.Readings.FirstTimeMs += 250;
        var merged = BlockMerge.Merge([Part(1, 0, [1, 2]), late], Schema(late), new());
        Assert.Equal([0L, 3_600_000, 7_200_250], new FrameTimes(merged).ToArray().Select(time => time - Batches.Start.ToUnixTimeMilliseconds()));
    }

    [Theory]
    [InlineData("a hole")]
    [InlineData("an overlap")]
    [InlineData("other columns")]
    [InlineData("another clock")]
    [InlineData("a time before")]
    public void What_does_not_follow_stays_apart(string why)
    {
        var (first, second) = (Part(1, 0, [1, 2]), Part(2, 2, [3]));
        second = why switch
        {
            "a hole" => Part(2, 3, [3]),
            "an overlap" => Part(2, 1, [3]),
            "another clock" => second with { Clock = new(TimeSpan.FromHours(1), ClockTrust.Corrected) },
            _ => second,
        };
        if (why == "other columns")
        {
            second.Readings.Columns[0].Unit = "bar";
        }

        if (why == "a time before")
        {
            second.Readings.FirstTimeMs = first.Readings.FirstTimeMs;
        }

        Assert.Empty(BlockMerge.Groups([first, second]));
    }

    [Fact]
    public void A_block_grows_to_a_bound() =>
        Assert.Equal([4000, 1000], BlockMerge.Groups(Enumerable.Range(0, 50).Select(i => Part(i + 1, (ulong)i * 100, new float[100]))).Select(group => group.Sum(p => (int)p.Readings.Frames)));

    private static Schema Schema(BlockPart part) => ReadingColumns.Of(new(), part.Readings).Schema;

    private static BlockPart Part(long position, ulong first, float[] values) => new(position, ClockCorrection.None, Batches.Readings("a", 1, first, ("x", values)));
}
