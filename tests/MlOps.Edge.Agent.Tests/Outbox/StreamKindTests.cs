using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class StreamKindTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_kind_has_an_epoch_and_sequences_of_its_own_over_a_restart()
    {
        var outbox = _folder.Open();
        outbox.Commit(new(), []);
        outbox.Commit(new(), [], StreamKind.Backlog);
        outbox = _folder.Open();
        outbox.Commit(new(), [], StreamKind.Backlog);
        outbox.Commit(new(), []);

        Assert.Equal([(StreamKind.Live, 1UL), (StreamKind.Live, 2UL), (StreamKind.Backlog, 1UL), (StreamKind.Backlog, 2UL)], outbox.All().Select(b => (b.Kind, b.Sequence)));
        Assert.Equal(2, outbox.All().Select(b => b.StreamEpoch).Distinct().Count());
    }

    [Fact]
    public void A_conflict_begins_anew_only_the_stream_that_it_is_in()
    {
        var outbox = _folder.Open();
        outbox.Commit(new(), []);
        outbox.Commit(new(), [], StreamKind.Backlog);
        outbox.Acknowledge(new(outbox.Epoch(), 40, []));
        Assert.Equal(new BatchKey(3, 1), outbox.Commit(new(), []));
        Assert.Equal(new BatchKey(2, 2), outbox.Commit(new(), [], StreamKind.Backlog));
    }

    [Fact]
    public void The_stream_of_an_older_file_is_the_live_one_and_its_numbers_go_on()
    {
        using (var old = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, OutboxFile.Name)};Pooling=False"))
        {
            old.Open();
            using var command = old.CreateCommand();
            command.CommandText = """
                CREATE TABLE stream (ordinal INTEGER PRIMARY KEY, epoch BLOB NOT NULL UNIQUE, next INTEGER NOT NULL) STRICT;
                CREATE TABLE batch (stream INTEGER NOT NULL, sequence INTEGER NOT NULL, readings INTEGER NOT NULL, state INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
                CREATE TABLE asset (id TEXT PRIMARY KEY, installation INTEGER NOT NULL, age INTEGER NOT NULL) STRICT, WITHOUT ROWID;
                CREATE TABLE refused (number INTEGER PRIMARY KEY, stream INTEGER NOT NULL, sequence INTEGER NOT NULL, readings INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, payload BLOB NOT NULL) STRICT;
                INSERT INTO stream VALUES (1, x'ff112233445566778899aabbccddeeff', 3), (2, x'00112233445566778899aabbccddeeff', 8);
                INSERT INTO batch VALUES (1, 2, 5, 0, x'2801'), (2, 7, 5, 0, x'2807');
                PRAGMA user_version = 2;
                """;
            command.ExecuteNonQuery();
        }

        var outbox = _folder.Open();
        Assert.Equal((2, new BatchKey(1, 2)), outbox.Waiting(StreamKind.Live));
        Assert.Equal(new BatchKey(2, 8), outbox.Commit(new(), []));
        Assert.Equal("00112233445566778899aabbccddeeff", Convert.ToHexStringLower(outbox.All()[^1].StreamEpoch.Span));
        Assert.True(outbox.Acknowledge(new("00112233445566778899aabbccddeeff", 7, [])) is { Told: false });
        Assert.Equal([new BatchKey(1, 2), new(2, 8)], [outbox.Next(StreamKind.Live, default)!.Key, outbox.Next(StreamKind.Live, new(1, 2))!.Key]);
    }

    [Fact]
    public async Task What_is_live_goes_first_though_the_backlog_is_long_and_both_in_order()
    {
        var outbox = _folder.Open();
        for (var i = 0; i < 200; i++)
        {
            outbox.Commit(new(), [], StreamKind.Backlog);
        }

        outbox.Commit(new(), []);
        var came = new List<(StreamKind, ulong)>();
        _link.Store.Stored = batch => came.Add((batch.Kind, batch.Sequence));
        _link.Set(up: true);
        await using var pump = Pump(outbox, new());
        await pump.UntilAsync(() => outbox.Info.Pending == 0);

        Assert.Equal((StreamKind.Live, 1UL), came[0]);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (StreamKind.Backlog, (ulong)i)), came.Skip(1));
    }

    [Fact]
    public async Task A_backlog_that_the_cloud_does_not_answer_leaves_a_share_of_the_window_to_what_is_live()
    {
        var outbox = _folder.Open();
        for (var i = 0; i < 20; i++)
        {
            outbox.Commit(new(), [], StreamKind.Backlog);
        }

        _link.Store.Stores = batch => batch.Kind == StreamKind.Live;
        var asked = 0;
        _link.Store.Refuses = batch =>
        {
            asked += batch.Kind == StreamKind.Backlog ? 1 : 0;
            return false;
        };
        _link.Set(up: true);
        await using var pump = Pump(outbox, new() { Window = 8 });
        await pump.UntilAsync(() => asked == 6); // three quarters
        for (var i = 0; i < 5; i++)
        {
            outbox.Commit(new(), []);
            await pump.UntilAsync(() => outbox.Waiting(StreamKind.Live).Count == 0);
        }

        Assert.Equal(6, asked);
        _link.Store.Stores = _ => true;
        await pump.UntilAsync(() => _clock.Moved(TimeSpan.FromSeconds(1)) && outbox.Info.Pending == 0); // by the repeats
    }

    private RunningPump Pump(Agent.Outbox.Outbox outbox, OutboxOptions options) => new(outbox, _link, options, _clock);
}
