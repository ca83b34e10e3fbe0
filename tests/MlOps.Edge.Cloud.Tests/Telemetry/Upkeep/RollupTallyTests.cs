using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Telemetry.Upkeep;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Upkeep;

public class RollupTallyTests
{
    private const long Minute = 60_000;

    [Fact]
    public void A_row_has_the_figures_of_the_values_that_are_there()
    {
        var tally = new RollupTally(2);
        tally.Add(0, [[1, float.NaN, 4, 9], [5, 5, 5, 5]], 0, 3);
        tally.Add(2 * Minute, [[1, float.NaN, 4, float.NaN], [5, 5, 5, 7]], 3, 4);

        var summary = tally.ToSummary(RollupInterval.Minute, new());
        Assert.Equal([0, 2 * Minute], SummaryTimes.Of(summary));
        Assert.Equal([3u, 1u], summary.Frames);
        Assert.Equal("1 NaN | 5 7", Show(summary.Least));
        Assert.Equal("4 NaN | 5 7", Show(summary.Greatest));
        Assert.Equal("2.5 NaN | 5 7", Show(summary.Mean));
        Assert.Equal("2 0 | 3 1", Show(summary.Present));
    }

    [Fact]
    public void Stored_rows_and_new_frames_add_up_to_what_all_frames_give()
    {
        var random = new Random(7);
        float[][] columns = [[.. Enumerable.Range(0, 200).Select(i => i % 9 == 0 ? float.NaN : (float)Math.Round(random.NextDouble() * 50, 2))]];
        var whole = new RollupTally(1);
        var parts = new RollupTally(1);
        for (var i = 0; i < 200; i++)
        {
            whole.Add(i / 60 * Minute, columns, i, i + 1);
            parts.Add(i / 60 * Minute, columns, i, i + 1);
            if (i % 31 == 0)
            {
                var stored = parts.ToSummary(RollupInterval.Minute, new());
                parts = new(1);
                parts.Add(Summary.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(stored)), time => time);
            }
        }

        var (expected, found) = (whole.ToSummary(RollupInterval.Minute, new()), parts.ToSummary(RollupInterval.Minute, new()));
        Assert.Equal((expected.Frames, expected.Least, expected.Greatest, expected.Present), (found.Frames, found.Least, found.Greatest, found.Present));
        Assert.All(Decode(expected.Mean, 4).Zip(Decode(found.Mean, 4)), means => Assert.Equal(means.First, means.Second, 1e-6 * means.First));
    }

    [Fact]
    public void Minutes_add_up_to_hours()
    {
        var minutes = new RollupTally(1);
        minutes.Add(59 * Minute, [[1, 3, 8]], 0, 2);
        minutes.Add(60 * Minute, [[1, 3, 8]], 2, 3);
        var hours = new RollupTally(1);
        hours.Add(minutes.ToSummary(RollupInterval.Minute, new()), time => RollupTime.RowOf(RollupInterval.Hour, time));

        var summary = hours.ToSummary(RollupInterval.Hour, new());
        Assert.Equal([0, 60 * Minute], SummaryTimes.Of(summary));
        Assert.Equal("2 8", Show(summary.Mean));
    }

    private static string Show(Google.Protobuf.ByteString block)
    {
        var decoder = new ColumnDecoder(block.Span, 2);
        List<string> columns = [];
        for (var values = new float[2]; !decoder.AtEnd;)
        {
            decoder.Next(values);
            columns.Add(FormattableString.Invariant($"{values[0]} {values[1]}"));
        }

        return string.Join(" | ", columns);
    }

    private static float[] Decode(Google.Protobuf.ByteString block, int rows)
    {
        var decoder = new ColumnDecoder(block.Span, rows);
        var values = new float[rows];
        decoder.Next(values);
        return values;
    }
}
