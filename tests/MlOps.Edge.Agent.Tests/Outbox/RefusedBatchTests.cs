using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class RefusedBatchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-refused-").FullName;
    private readonly List<IDisposable> _opened = [];
    private SqliteConnection _connection = null!;

    public void Dispose()
    {
        _opened.ForEach(opened => opened.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_batch_at_fault_is_kept_aside_and_a_gap_in_the_same_stream_takes_its_place()
    {
        var outbox = Filled(batches: 3);
        Refuse(outbox, 2, RefusalCode.Content);

        Assert.Equal([1L, 3L, 4L], All(outbox).Select(b => b.Sequence));
        var gap = Assert.Single(All(outbox)[^1].Gaps);
        Assert.Equal((2UL, 2UL, 5UL, "refused: content"), (gap.FirstSequence, gap.LastSequence, gap.Readings, gap.Reason));
        Assert.Null(outbox.Fault);
        Assert.Equal((1, 1, "batch 2 of stream 1: content (no good)"), (outbox.Info.Quarantined, outbox.Info.Refused, outbox.Info.LastRefusal));
        Assert.Equal(new BatchKey(1, 5), outbox.Commit(Frames(), []));
    }

    [Fact]
    public void It_is_set_aside_even_if_the_same_acknowledgement_passes_over_it()
    {
        var outbox = Filled(batches: 3);
        outbox.Acknowledge(new(Epoch(), 3, [], [new(2, 2, RefusalCode.Content, "no good")]));
        Assert.Equal((1, 1), (outbox.Info.Pending, outbox.Info.Quarantined)); // the gap is all that waits
    }

    [Fact]
    public void A_refusal_that_comes_again_changes_nothing()
    {
        var outbox = Filled(batches: 2);
        Refuse(outbox, 1, RefusalCode.Undecodable);
        var before = outbox.Info;
        Refuse(outbox, 1, RefusalCode.Undecodable);
        Assert.Equal(before, outbox.Info with { Commits = before.Commits, BytesWritten = before.BytesWritten, LagMs = before.LagMs });
    }

    [Fact]
    public void A_gap_record_that_is_refused_makes_no_other()
    {
        var outbox = Filled(batches: 1);
        Refuse(outbox, 1, RefusalCode.Content);
        Refuse(outbox, 2, RefusalCode.Content);
        Assert.Empty(All(outbox));
        Assert.Equal(2, outbox.Info.Refused);
    }

    [Theory]
    [InlineData(RefusalCode.Conflict)]
    [InlineData(RefusalCode.ForeignDevice)]
    [InlineData(RefusalCode.Sequence)]
    [InlineData("a-word-of-tomorrow")]
    [InlineData(null)]
    public void A_fault_of_the_stream_begins_a_new_one_and_tells_no_gap(string? code)
    {
        var outbox = Filled(batches: 2);
        Refuse(outbox, 1, code);
        Assert.Equal([2L], All(outbox).Select(b => b.Sequence));
        Assert.Equal(new BatchKey(2, 1), outbox.Commit(Frames(), []));
        Assert.Contains(code ?? RefusalCode.Conflict, outbox.Fault);
    }

    [Fact]
    public void The_newest_are_kept_and_all_are_counted_over_a_restart()
    {
        var outbox = Filled(batches: 5, kept: 2);
        for (var sequence = 1; sequence <= 5; sequence++)
        {
            Refuse(outbox, sequence, RefusalCode.Content);
        }

        outbox = Open(kept: 2);
        Assert.Equal((2, 5), (outbox.Info.Quarantined, outbox.Info.Refused));
        Assert.StartsWith("batch 5 of", outbox.Info.LastRefusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_outbox_gives_up_the_refused_before_what_waits()
    {
        var outbox = Filled(batches: 5, maxBytes: 10_000);
        foreach (var sequence in (long[])[1, 2, 3])
        {
            Refuse(outbox, sequence, RefusalCode.Content);
        }

        while (outbox.Info.Quarantined == 3)
        {
            outbox.Commit(Frames(100), []);
        }

        Assert.True(outbox.Info.Bytes <= 10_000);
        Assert.Equal((1, 3), (outbox.Info.Quarantined, outbox.Info.Refused));
    }

    [Fact]
    public void A_commit_that_the_disk_has_no_room_for_skips_no_sequence()
    {
        var outbox = Filled(batches: 1);
        using var limit = _connection.CreateCommand();
        limit.CommandText = "PRAGMA max_page_count = 1"; // SQLite takes what there is as the least
        limit.ExecuteNonQuery();
        Assert.Contains("is full", Assert.Throws<UnwritableOutboxException>(() => outbox.Commit(Frames(100_000), [])).Message, StringComparison.Ordinal);
        var before = outbox.Info;

        limit.CommandText = "PRAGMA max_page_count = 1000000";
        limit.ExecuteNonQuery();
        Assert.Equal(new BatchKey(1, 2), outbox.Commit(Frames(), []));
        Assert.Equal(before.Pending + 1, outbox.Info.Pending);
    }

    [Fact]
    public void Batches_that_an_older_agent_kept_aside_are_kept_on()
    {
        using (var old = new SqliteConnection($"Data Source={Path.Combine(_folder, OutboxFile.Name)};Pooling=False"))
        {
            old.Open();
            using var command = old.CreateCommand();
            command.CommandText = """
                CREATE TABLE stream (ordinal INTEGER PRIMARY KEY, epoch BLOB NOT NULL UNIQUE, next INTEGER NOT NULL) STRICT;
                CREATE TABLE batch (stream INTEGER NOT NULL, sequence INTEGER NOT NULL, readings INTEGER NOT NULL, state INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
                INSERT INTO stream VALUES (1, x'00112233445566778899aabbccddeeff', 3);
                INSERT INTO batch VALUES (1, 1, 5, 2, x'01'), (1, 2, 5, 0, x'02');
                """;
            command.ExecuteNonQuery();
        }

        var outbox = Open();
        Assert.Equal((1, 1, 2), (outbox.Info.Pending, outbox.Info.Quarantined, outbox.Info.Bytes));
        Assert.Equal(new BatchKey(1, 3), outbox.Commit(Frames(), []));
    }

    [Fact]
    public void A_file_of_a_newer_agent_is_one_clear_line()
    {
        Filled(batches: 1);
        using var newer = _connection.CreateCommand();
        newer.CommandText = "PRAGMA user_version = 99";
        newer.ExecuteNonQuery();
        Assert.Contains("newer agent", Assert.Throws<AgentFailureException>(() => Open()).Message);
    }

    private Agent.Outbox.Outbox Filled(int batches, int kept = 100, long maxBytes = long.MaxValue)
    {
        var outbox = Open(kept, maxBytes);
        for (var i = 0; i < batches; i++)
        {
            outbox.Commit(Frames(), []);
        }

        return outbox;
    }

    private Agent.Outbox.Outbox Open(int kept = 100, long maxBytes = long.MaxValue)
    {
        (_connection, var fault) = OutboxFile.Open(_folder, NullLogger.Instance);
        var outbox = new Agent.Outbox.Outbox(_connection, fault, new(DeviceId.Parse("pump-07"), "default", "s"), new() { RefusedKept = kept, MaxBytes = maxBytes }, historyFrames: 3, TimeProvider.System);
        _opened.Add(outbox);
        return outbox;
    }

    private void Refuse(Agent.Outbox.Outbox outbox, long sequence, string? code) =>
        outbox.Acknowledge(new(Epoch(), 0, [], [new(sequence, sequence, code, "no good")]));

    private string Epoch()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT epoch FROM stream WHERE ordinal = 1";
        return Convert.ToHexStringLower((byte[])command.ExecuteScalar()!);
    }

    private static TelemetryBatch Frames(uint frames = 5) =>
        new() { Readings = { new Readings { Asset = "pump-07", Frames = frames, Columns = { new Column { Channel = "x", Unit = "1", Float32 = ByteString.CopyFrom(new byte[4 * frames]) } } } } };

    private static List<(long Sequence, IReadOnlyList<Gap> Gaps)> All(Agent.Outbox.Outbox outbox)
    {
        var all = new List<(long, IReadOnlyList<Gap>)>();
        for (var batch = outbox.After(default); batch is not null; batch = outbox.After(batch.Key))
        {
            all.Add((batch.Key.Sequence, TelemetryBatch.Parser.ParseFrom(batch.Payload).Gaps));
        }

        return all;
    }
}
