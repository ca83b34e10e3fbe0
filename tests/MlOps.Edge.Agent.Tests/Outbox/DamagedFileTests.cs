using Google.Protobuf;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Tests.Outbox;

public sealed class DamagedFileTests : IDisposable
{
    private static readonly AssetId Asset = AssetId.Parse("pump-07");
    private readonly OutboxFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_decayed_is_told_of_in_its_streams_as_far_as_they_can_be_read()
    {
        var old = Filled();
        var epochs = old.All().Select(b => b.StreamEpoch).Distinct().ToArray();
        old.Dispose();
        Decay();

        var outbox = _folder.Open();
        Assert.Contains("set aside", outbox.Info.Fault, StringComparison.Ordinal);
        AssertTold(outbox, epochs);
        Assert.Equal(7, outbox.Resume(Asset).Point!.Age);

        // Told once, and never again.
        Assert.Equal(outbox.All(), _folder.Open().All());
    }

    [Fact]
    public void Damage_that_shows_while_it_runs_is_handled_in_the_same_way_and_no_commit_is_lost()
    {
        var outbox = Filled();
        var epochs = outbox.All().Select(b => b.StreamEpoch).Distinct().ToArray();
        _folder.Checkpoint();
        Decay();
        for (var batch = outbox.After(default); batch is not null && outbox.Info.Fault is null; batch = outbox.After(batch.Key))
        {
        }

        outbox.Commit(Frames(), []);
        AssertTold(outbox, epochs);
        Assert.Single(outbox.All(), b => b.Readings.Count == 1);
        Assert.Contains("set aside", outbox.Info.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_is_killed_before_the_damaged_file_is_set_aside_does_it_again()
    {
        var old = Filled();
        var epochs = old.All().Select(b => b.StreamEpoch).Distinct().ToArray();
        old.Dispose();
        Decay();
        File.WriteAllText(Path.Combine(_folder.Path, OutboxFile.Successor), "half of it");
        File.WriteAllText(Path.Combine(_folder.Path, OutboxFile.Successor + "-wal"), "half of it");

        var outbox = _folder.Open();
        AssertTold(outbox, epochs);
        Assert.Equal(7, outbox.Resume(Asset).Point!.Age);
        Assert.False(File.Exists(Path.Combine(_folder.Path, OutboxFile.Successor)));
    }

    [Fact]
    public void Whoever_is_killed_before_the_other_file_is_in_its_place_knows_where_the_machines_were()
    {
        var old = Filled();
        var epochs = old.All().Select(b => b.StreamEpoch).Distinct().ToArray();
        old.Dispose();
        Decay();
        _folder.Open().Dispose();

        // As it was a moment before: the damaged file aside, its log not yet, the other file made.
        File.Move(Path.Combine(_folder.Path, OutboxFile.Name), Path.Combine(_folder.Path, OutboxFile.Successor));
        File.WriteAllText(Path.Combine(_folder.Path, OutboxFile.Name + "-wal"), "of the damaged file");

        var outbox = _folder.Open();
        Assert.Contains("set aside", outbox.Info.Fault, StringComparison.Ordinal);
        AssertTold(outbox, epochs);
        Assert.Equal(7, outbox.Resume(Asset).Point!.Age);
    }

    private static void AssertTold(Agent.Outbox.Outbox outbox, ByteString[] epochs)
    {
        var gaps = outbox.All().Where(b => b.Gaps.Count > 0).ToArray();
        Assert.Equal(epochs, gaps.Select(b => b.StreamEpoch));
        Assert.Equal([(StreamKind.Live, 1UL, 400UL, 401UL), (StreamKind.Backlog, 1UL, 3UL, 4UL)], gaps.Select(b => (b.Kind, b.Gaps[0].FirstSequence, b.Gaps[0].LastSequence, b.Sequence)));
        Assert.All(gaps, b => Assert.Equal("damaged", b.Gaps[0].Reason));
        var key = outbox.Commit(Frames(), [], StreamKind.Backlog);
        Assert.Equal(1, key.Sequence);
        Assert.DoesNotContain(outbox.All().Single(b => b.Kind == StreamKind.Backlog && b.Readings.Count > 0).StreamEpoch, epochs);
        outbox.Acknowledge(new(Convert.ToHexStringLower(outbox.All().Single(b => b.Kind == StreamKind.Backlog && b.Readings.Count > 0).StreamEpoch.Span), 1, []));
    }

    private Agent.Outbox.Outbox Filled()
    {
        var outbox = _folder.Open();
        outbox.Commit(Frames(), [new(new(Asset, 0), 7, false, [[1f]], DateTimeOffset.UnixEpoch)]);
        for (var i = 0; i < 3; i++)
        {
            outbox.Commit(Frames(), [], StreamKind.Backlog);
        }

        for (var i = 1; i < 400; i++)
        {
            outbox.Commit(Frames(), []);
        }

        return outbox;
    }

    // All but the first pages, in which the small tables are.
    private void Decay()
    {
        using var file = new FileStream(Path.Combine(_folder.Path, OutboxFile.Name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var from = file.Length / 4;
        file.Position = from;
        file.Write(Enumerable.Repeat((byte)'x', (int)(file.Length - from)).ToArray());
    }

    private static TelemetryBatch Frames() =>
        new() { Readings = { new Readings { Asset = "pump-07", Frames = 4_000, Columns = { new Column { Channel = "x", Unit = "1", Float32 = ByteString.CopyFrom(new byte[16_000]) } } } } };
}
