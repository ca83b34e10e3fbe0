using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class OutboxTests : IDisposable
{
    private static readonly AssetId Asset = AssetId.Parse("pump-07");
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-outbox-").FullName;
    private readonly List<IDisposable> _opened = [];

    public void Dispose()
    {
        _opened.ForEach(opened => opened.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private Agent.Outbox.Outbox Open(long maxBytes = long.MaxValue)
    {
        var (connection, fault) = OutboxFile.Open(_folder, NullLogger.Instance);
        var outbox = new Agent.Outbox.Outbox(connection, fault, new(DeviceId.Parse("pump-07"), "default", "s"), new() { MaxBytes = maxBytes }, historyFrames: 3, TimeProvider.System);
        _opened.Add(outbox);
        return outbox;
    }

    private static TelemetryBatch Frames(uint count, ulong first = 0) =>
        new() { Readings = { new Readings { Asset = "pump-07", Frames = count, FirstFrame = first, Columns = { new Column { Channel = "x", Unit = "1", Float32 = Google.Protobuf.ByteString.CopyFrom(new byte[4 * count]) } } } } };

    private static AssetProgress Progress(long age, bool renewed = false, params float[][] frames) => new(new(Asset, renewed ? 1 : 0), age, renewed, frames);

    private static IEnumerable<StoredBatch> All(Agent.Outbox.Outbox outbox)
    {
        for (var batch = outbox.After(default); batch is not null; batch = outbox.After(batch.Key))
        {
            yield return batch;
        }
    }

    private static string Epoch(StoredBatch batch) => Convert.ToHexStringLower(TelemetryBatch.Parser.ParseFrom(batch.Payload).StreamEpoch.Span);

    [Fact]
    public void What_was_committed_survives_a_kill_byte_for_byte_and_numbers_go_on()
    {
        var outbox = Open();
        outbox.Commit(Frames(2), [Progress(1, false, [1], [2])]);
        outbox.Commit(Frames(1, 2), [Progress(2, false, [3])]);
        var before = All(outbox).ToArray();

        // No goodbye: the first connection is simply left behind, as a kill leaves it.
        var again = Open();
        Assert.Equal(before.Select(b => (b.Key, Convert.ToHexString(b.Payload))), All(again).Select(b => (b.Key, Convert.ToHexString(b.Payload))));
        Assert.Equal(new BatchKey(1, 3), again.Commit(Frames(1, 3), [Progress(3, false, [4])]));
        Assert.Equal(new(new(Asset, 0), 3), again.Resume(Asset).Point);
        Assert.Equal([2f, 3f, 4f], again.Resume(Asset).Ring.Select(frame => frame[0]));
    }

    [Fact]
    public void A_replacement_begins_the_ring_again()
    {
        var outbox = Open();
        outbox.Commit(Frames(2), [Progress(9, false, [1], [2])]);
        outbox.Commit(Frames(1), [Progress(0, true, [7])]);
        Assert.Equal(new(new(Asset, 1), 0), outbox.Resume(Asset).Point);
        Assert.Equal([7f], outbox.Resume(Asset).Ring.Select(frame => frame[0]));
    }

    [Fact]
    public void A_batch_leaves_only_when_the_cloud_says_that_it_is_stored()
    {
        var outbox = Open();
        for (var i = 0; i < 6; i++)
        {
            outbox.Commit(Frames(1), []);
        }

        var epoch = Epoch(All(outbox).First());
        Assert.Equal(1, outbox.Acknowledge(new(epoch, 2, [new(4, 5)]))?.Stream);
        Assert.Equal([3L, 6L], All(outbox).Select(b => b.Key.Sequence));
        Assert.Equal(2, outbox.Info.Pending);
        Assert.Null(outbox.Acknowledge(new(new string('0', 32), 6, [])));
        outbox.Acknowledge(new(epoch, 6, []));
        Assert.Equal((0, 0), (outbox.Info.Pending, outbox.Info.Bytes));
    }

    [Fact]
    public void A_full_outbox_evicts_the_oldest_and_leaves_a_gap_over_their_numbers()
    {
        var outbox = Open(maxBytes: 20_000);
        for (var i = 0; i < 10; i++)
        {
            outbox.Commit(Frames(1000), []);
        }

        var left = All(outbox).Select(b => (b.Key.Sequence, Batch: TelemetryBatch.Parser.ParseFrom(b.Payload))).ToArray();
        Assert.True(outbox.Info.Bytes <= 20_000);
        var covered = left.SelectMany(b => b.Batch.Gaps.SelectMany(gap => Range((long)gap.FirstSequence, (long)gap.LastSequence))).ToArray();

        // Every number from 1 on is either still there or told of, once.
        Assert.Equal(Range(1, left[^1].Sequence), left.Select(b => b.Sequence).Concat(covered).Order());
        Assert.Equal(10_000, left.Sum(b => b.Batch.Gaps.Sum(gap => (long)gap.Readings) + b.Batch.Readings.Sum(r => r.Frames)));
    }

    [Fact]
    public void A_refused_batch_is_kept_aside_and_the_next_goes_into_a_new_stream()
    {
        var outbox = Open();
        outbox.Commit(Frames(1), []);
        outbox.Commit(Frames(1), []);
        var epoch = Epoch(All(outbox).First());
        outbox.Acknowledge(new(epoch, 0, [], [new(1, 1)]));

        Assert.Equal([new BatchKey(1, 2)], All(outbox).Select(b => b.Key)); // never renumbered
        Assert.Equal(1, outbox.Info.Quarantined);
        Assert.Equal(new BatchKey(2, 1), outbox.Commit(Frames(1), []));
        Assert.NotEqual(epoch, Epoch(All(outbox).Last()));
        Assert.NotNull(outbox.Fault);
    }

    [Fact]
    public void An_acknowledgement_beyond_what_was_made_begins_a_new_stream()
    {
        var outbox = Open();
        outbox.Commit(Frames(1), []);
        outbox.Acknowledge(new(Epoch(All(outbox).Single()), 40, [])); // this device was restored from an older copy
        Assert.Equal(new BatchKey(2, 1), outbox.Commit(Frames(1), []));
    }

    [Fact]
    public void A_damaged_file_is_set_aside_and_a_new_stream_begins()
    {
        File.WriteAllBytes(Path.Combine(_folder, OutboxFile.Name), [.. Enumerable.Repeat((byte)'x', 5000)]);
        var outbox = Open();
        Assert.Contains("set aside", outbox.Fault);
        Assert.Equal(new BatchKey(1, 1), outbox.Commit(Frames(1), []));
        Assert.True(File.Exists(Path.Combine(_folder, OutboxFile.Name + ".damaged-1")));
    }

    [Fact]
    public void A_folder_that_cannot_be_opened_is_one_clear_line()
    {
        Directory.CreateDirectory(Path.Combine(_folder, OutboxFile.Name));
        var failure = Assert.Throws<AgentFailureException>(() => Open());
        Assert.Contains("outbox.db", failure.Message);
    }

    private static IEnumerable<long> Range(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);
}
