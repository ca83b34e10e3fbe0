using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class OutboxRoomTests : IDisposable
{
    private const int Frames = 30;
    private static readonly Schema Pump = new() { Channels = { new SchemaChannel { Name = "flow", Unit = "L/min" }, new SchemaChannel { Name = "t", Unit = "Cel" } } };
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private ulong _frame;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Under_pressure_the_oldest_of_the_backlog_become_few_summaries_and_all_is_accounted_for()
    {
        var outbox = Open(maxBytes: 64 * 1024);
        Fill(outbox, batches: 400, predict: true);

        var all = outbox.All();
        Assert.True(outbox.Info.Bytes <= 64 * 1024);
        var summaries = all.Where(b => b.Summaries.Count > 0).ToArray();
        Assert.NotEmpty(summaries);
        Assert.All(summaries, b => Assert.Equal(StreamKind.Summary, b.Kind));
        Assert.True(summaries.Length < all.Sum(b => b.Gaps.Sum(gap => (long)(gap.LastSequence - gap.FirstSequence + 1))) / 4, "few stand for many");
        Assert.All(all.SelectMany(b => b.Gaps), gap => Assert.Equal("summarised", gap.Reason));

        // What is raw, and what is summed up, together are the frames in their order, and every prediction is still there once.
        Assert.Equal(Range(0, 400 * Frames), [.. summaries.SelectMany(b => b.Summaries).SelectMany(s => Range(s.FirstFrame, s.LastFrame + 1 - s.FirstFrame))
            .Concat(all.SelectMany(b => b.Readings).SelectMany(r => Range(r.FirstFrame, r.Frames)))]);
        Assert.Equal(summaries.SelectMany(b => b.Summaries).Sum(s => s.Frames.Sum(f => (long)f) * 2), all.SelectMany(b => b.Gaps).Sum(gap => (long)gap.Readings));
        Assert.Equal(Range(0, 400).Select(i => (i * Frames) + Frames - 1), all.SelectMany(b => b.Predictions).SelectMany(p => p.Frames).Select(f => (long)f).Order());
        AssertSequencesAccounted(all, StreamKind.Backlog);
    }

    [Fact]
    public void A_summary_says_the_least_the_greatest_the_mean_and_how_many()
    {
        var outbox = Open(maxBytes: 4_500);
        Fill(outbox, batches: 40);
        var batch = outbox.All().First(b => b.Summaries.Count > 0);
        var summary = batch.Summaries[0];
        var rows = summary.Frames.Count;
        Assert.Equal((60_000u, 0L, 0UL), (summary.IntervalMs, summary.FirstTimeMs, summary.FirstFrame));
        Assert.Empty(summary.Steps);

        // Minute m has the frames 60m to 60m + 59 of the flow, which is the frame's number; every second temperature is missing.
        Assert.Equal(Range(0, (ulong)rows).Select(m => 60f * m), Column(summary.Least, rows)[0]);
        Assert.Equal(Range(0, (ulong)rows - 1).Select(m => (60f * m) + 59), Column(summary.Greatest, rows)[0][..^1]);
        Assert.Equal(Range(0, (ulong)rows - 1).Select(m => (60f * m) + 29.5f), Column(summary.Mean, rows)[0][..^1]);
        Assert.Equal(Enumerable.Repeat(60f, rows - 1), Column(summary.Present, rows)[0][..^1]);
        Assert.Equal(Enumerable.Repeat(30f, rows - 1), Column(summary.Present, rows)[1][..^1]);
        Assert.Equal(Enumerable.Repeat(5f, rows), Column(summary.Mean, rows)[1]);
    }

    [Fact]
    public void What_the_link_may_have_seen_is_never_summed_up_also_after_a_restart()
    {
        var outbox = Open(maxBytes: long.MaxValue);
        Fill(outbox, batches: 10);
        var seen = outbox.Next(StreamKind.Backlog, default)!.Key;
        Assert.Equal(new BatchKey(2, 1), seen);
        Assert.Equal(2, outbox.Next(StreamKind.Backlog, seen)!.Key.Sequence);

        var bytes = outbox.Info.Bytes;
        outbox = Open(maxBytes: bytes);
        Fill(outbox, batches: 1);

        // A lease of 64: the file cannot know how many of them were sent.
        Assert.DoesNotContain(outbox.All(), b => b.Kind == StreamKind.Summary);
        Assert.All(outbox.All().SelectMany(b => b.Gaps), gap => Assert.Equal("full", gap.Reason));
        AssertSequencesAccounted(outbox.All(), StreamKind.Backlog);
    }

    [Fact]
    public void Within_one_run_only_what_was_handed_out_counts_as_seen()
    {
        var outbox = Open(maxBytes: 6_000);
        Fill(outbox, batches: 5);
        outbox.Next(StreamKind.Backlog, default);
        outbox.Next(StreamKind.Backlog, new(2, 1));
        Fill(outbox, batches: 100);
        Assert.Equal(3UL, outbox.All().SelectMany(b => b.Gaps).Where(gap => gap.Reason == "summarised").Min(gap => gap.FirstSequence));
    }

    [Fact]
    public void Predictions_outlive_the_figures_of_summaries_and_every_value_is_accounted_for()
    {
        var outbox = Open(maxBytes: 8 * 1024);
        Fill(outbox, batches: 1_000, predict: true);
        var all = outbox.All();
        Assert.True(outbox.Info.Bytes <= 8 * 1024);
        Assert.Contains(all, b => b is { Kind: StreamKind.Summary, Summaries.Count: 0, Predictions.Count: > 0 });

        var gone = all.SelectMany(b => b.Gaps.Where(gap => gap.Reason == "full")).Sum(gap => (long)gap.Readings);
        var summed = all.SelectMany(b => b.Summaries).Sum(s => s.Frames.Sum(f => (long)f) * 2);
        var raw = all.SelectMany(b => b.Readings).Sum(r => (long)r.Frames * 2);
        Assert.True(gone > 0);
        Assert.Equal(1_000L * Frames * 2, gone + summed + raw);
        AssertSequencesAccounted(all, StreamKind.Backlog);
        AssertSequencesAccounted(all, StreamKind.Summary);
    }

    [Fact]
    public void What_waited_for_too_long_goes_whatever_the_clock_on_the_wall_says()
    {
        var outbox = Open(maxBytes: long.MaxValue);
        Fill(outbox, batches: 2);
        _clock.Advance(TimeSpan.FromDays(50));
        Fill(outbox, batches: 1);
        outbox = Open(maxBytes: long.MaxValue); // what passes while no agent runs does not count
        _clock.Advance(TimeSpan.FromDays(41));
        Fill(outbox, batches: 1);

        var gap = Assert.Single(outbox.All().SelectMany(b => b.Gaps));
        Assert.Equal(("old", 1UL, 2UL, 2UL * 2 * Frames), (gap.Reason, gap.FirstSequence, gap.LastSequence, gap.Readings));
    }

    private Agent.Outbox.Outbox Open(long maxBytes) => _folder.Open(options => (options.MaxBytes, options.MaxBatchBytes) = (maxBytes, 8 * 1024), _clock);

    private void Fill(Agent.Outbox.Outbox outbox, int batches, bool predict = false)
    {
        for (var i = 0; i < batches; i++)
        {
            float[] flow = [.. Range(_frame, Frames).Select(f => (float)f)];
            float[] temperature = [.. Range(_frame, Frames).Select(f => f % 2 == 0 ? 5f : float.NaN)];
            var batch = new TelemetryBatch
            {
                Schemas = { Pump },
                Readings =
                {
                    new Readings
                    {
                        Asset = "pump-07", MachineKind = "pump", FirstFrame = _frame, Frames = Frames, FirstTimeMs = (long)_frame * 1000, IntervalMs = 1000, Schema = SchemaId.Of(Pump),
                        Block = Google.Protobuf.ByteString.CopyFrom(new ColumnEncoder().Encode([flow, temperature])),
                    },
                },
            };
            _frame += Frames;
            if (predict)
            {
                batch.Predictions.Add(new Predictions { Asset = "pump-07", Model = "rul", Version = 1, Frames = { _frame - 1 }, Outputs = { new OutputColumn { Name = "rul", Values = { 1 } } } });
            }

            outbox.Commit(batch, [], StreamKind.Backlog);
        }
    }

    private static float[][] Column(Google.Protobuf.ByteString block, int rows) =>
        ReadingColumns.Of(new() { Schemas = { Pump } }, new() { Schema = SchemaId.Of(Pump), Frames = (uint)rows, Block = block }).Decode();

    // Every number from 1 on either waits or is told of, once.
    private static void AssertSequencesAccounted(IReadOnlyList<TelemetryBatch> all, StreamKind kind)
    {
        var stream = all.Where(b => b.Kind == kind).ToArray();
        var numbers = stream.Select(b => (long)b.Sequence).Concat(stream.SelectMany(b => b.Gaps).Where(gap => gap.FirstSequence > 0)
            .SelectMany(gap => Range(gap.FirstSequence, gap.LastSequence + 1 - gap.FirstSequence))).Order().ToArray();
        Assert.Equal(Range(1, (ulong)numbers[^1]), numbers);
    }

    private static IEnumerable<long> Range(ulong first, ulong count) => Enumerable.Range(0, (int)count).Select(i => (long)first + i);
}
