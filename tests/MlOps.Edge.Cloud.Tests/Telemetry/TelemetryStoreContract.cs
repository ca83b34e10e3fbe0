using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

/// <summary>What a telemetry store owes its callers.</summary>
public abstract class TelemetryStoreContract(StoreKind kind) : IDisposable
{
    private static readonly DeviceId Device = DeviceId.Parse("edge-01");
    private static readonly CancellationToken Never = CancellationToken.None;

    private readonly TemporaryStores _stores = new(kind);

    private ITelemetryStore Store => _stores.Get<ITelemetryStore>();

    [Fact]
    public async Task Batches_that_are_handed_over_together_have_an_outcome_each_in_their_order()
    {
        await Store.AppendAsync(Record(2, 2f), Never);
        Assert.Equal(
            [AppendOutcome.Stored, AppendOutcome.Duplicate, AppendOutcome.Conflict, AppendOutcome.Stored],
            await Store.AppendAsync([Record(1, 1f), Record(2, 2f), Record(1, 9f), Record(3, 3f)], Never));
        Assert.Equal([2, 1, 3], (await Store.ReadAsync(0, 10, Never)).Select(batch => (int)TelemetryBatch.Parser.ParseFrom(batch.Payload).Sequence));
    }

    [Fact]
    public async Task What_a_device_hands_over_when_it_catches_up_comes_back_batch_by_batch()
    {
        TelemetryRecord[] records = [.. Enumerable.Range(1, 150).Select(i => Record((ulong)i, i, frame: (ulong)i))];
        Assert.All(await Store.AppendAsync(records, Never), outcome => Assert.Equal(AppendOutcome.Stored, outcome));
        _stores.Reopen();

        var all = await Store.ReadAsync(0, 1000, Never);
        Assert.Equal(records.Select(r => Convert.ToHexString(r.Payload)), all.Select(b => Convert.ToHexString(b.Payload)));
        Assert.Equal(Enumerable.Range(1, 150).Select(i => (long)i), all.Select(b => b.Position));
        foreach (var after in (int[])[0, 1, 37, 63, 64, 65, 149, 150])
        {
            Assert.Equal(all.Skip(after).Take(10).Select(b => b.Position), (await Store.ReadAsync(after, 10, Never)).Select(b => b.Position));
        }

        Assert.Equal(150, await Store.GetHeadAsync(Never));
        Assert.Equal("1-150", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
        Assert.Equal((150, 150, records.Sum(r => (long)r.Payload.Length)), await Store.CountAsync(Never) is var totals ? (totals.Batches, totals.Readings, totals.Bytes) : default);
    }

    [Fact]
    public async Task Of_what_is_handed_over_together_what_is_here_already_is_told_one_by_one()
    {
        await Store.AppendAsync(Records(3, 10), Never);
        await Store.AppendAsync(Records(16, 17), Never);
        Assert.Equal("++========+++++==+", Signs(await Store.AppendAsync(Records(1, 18), Never)));
        Assert.Equal("==================", Signs(await Store.AppendAsync(Records(1, 18), Never)));
        foreach (var sequence in (ulong[])[1, 3, 7, 10, 16, 18])
        {
            Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Record(sequence, -1f, frame: sequence), Never));
        }

        Assert.Equal("!!+", Signs(await Store.AppendAsync([Record(17, -1f, frame: 17), Record(18, -1f, frame: 18), .. Records(19, 19)], Never)));
        var stored = await Store.ReadAsync(0, 100, Never);
        Assert.Equal(Records(1, 19).Select(r => Convert.ToHexString(r.Payload)).Order(), stored.Select(b => Convert.ToHexString(b.Payload)).Order());
        Assert.Equal("1-19", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
        Assert.Equal((19, 7), await Store.CountAsync(Never) is var totals ? (totals.Batches, totals.DeadLetters) : default);
    }

    [Fact]
    public async Task A_batch_comes_back_byte_for_byte_after_a_restart()
    {
        var record = Record(1, 1f);
        Assert.Equal(AppendOutcome.Stored, await Store.AppendAsync(record, Never));
        _stores.Reopen();

        var stored = Assert.Single(await Store.ReadAsync(0, 10, Never));
        Assert.Equal(record.Payload, stored.Payload);
        Assert.Equal(Device, stored.Device);
    }

    [Fact]
    public async Task A_repeat_is_counted_and_not_stored_again()
    {
        await Store.AppendAsync(Record(1, 1f), Never);
        Assert.Equal(AppendOutcome.Duplicate, await Store.AppendAsync(Record(1, 1f), Never));
        _stores.Reopen();

        var totals = await Store.CountAsync(Never);
        Assert.Equal((1, 1, 1, 0), (totals.Batches, totals.Readings, totals.Duplicates, totals.DeadLetters));
    }

    [Fact]
    public async Task Other_bytes_under_a_taken_key_go_to_the_dead_letters_once_and_change_nothing()
    {
        var first = Record(1, 1f);
        await Store.AppendAsync(first, Never);
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Record(1, 2f), Never));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Record(1, 2f), Never));

        Assert.Equal(first.Payload, Assert.Single(await Store.ReadAsync(0, 10, Never)).Payload);
        Assert.Equal(1, (await Store.CountAsync(Never)).DeadLetters);
    }

    [Fact]
    public async Task A_rejected_batch_is_a_dead_letter_once()
    {
        await Store.RejectAsync(Device, [1, 2, 3], "garbage", Batches.Start, Never);
        await Store.RejectAsync(Device, [1, 2, 3], "garbage", Batches.Start, Never);

        var totals = await Store.CountAsync(Never);
        Assert.Equal((0, 1), (totals.Batches, totals.DeadLetters));
    }

    [Fact]
    public async Task Texts_of_devices_may_hold_any_character()
    {
        var readings = Batches.Readings("a", 1, 0, ("x", [1]));
        readings.MachineKind = "pump\0 ü";
        await Store.RejectAsync(Device, [1, 2, 3], "not \0 a batch", Batches.Start, Never);
        Assert.Equal(AppendOutcome.Stored, await Store.AppendAsync(BatchCheck.Check(Device, Batches.Of(Device.ToString(), 1, readings).ToByteArray(), Batches.Start), Never));
        Assert.EndsWith(" ü", Assert.Single(await Store.ListUnitsAsync(Never)).MachineKind, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1 2 3", "1-3")]
    [InlineData("1 3 2", "1-3")]
    [InlineData("3 1", "1-1 3-3")]
    [InlineData("5 4 1 2 9", "1-2 4-5 9-9")]
    [InlineData("2 4 6 3 5 1", "1-6")]
    public async Task Ranges_say_what_is_stored_whatever_the_order(string sequences, string ranges)
    {
        foreach (var sequence in sequences.Split(' '))
        {
            await Store.AppendAsync(Record(ulong.Parse(sequence, null), 1f), Never);
        }

        Assert.Equal(ranges, Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
    }

    [Fact]
    public async Task A_declared_gap_counts_as_stored_and_raw_data_that_come_later_are_still_taken()
    {
        var gap = Record(1, 1f) with { Gaps = [new() { FirstSequence = 3, LastSequence = 7 }] };
        await Store.AppendAsync(gap, Never);
        await Store.AppendAsync(Record(2, 1f), Never);
        Assert.Equal("1-7", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));

        Assert.Equal(AppendOutcome.Stored, await Store.AppendAsync(Record(5, 1f), Never));
        Assert.Equal("1-7", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
    }

    [Fact]
    public async Task A_batch_without_contents_which_only_asks_what_is_stored_counts_as_stored()
    {
        await Store.AppendAsync(BatchCheck.Check(Device, Batches.Of(Device.ToString(), 4).ToByteArray(), Batches.Start), Never);
        _stores.Reopen();
        Assert.Equal("4-4", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
        Assert.Single(await Store.ReadAsync(0, 10, Never));
    }

    [Fact]
    public async Task Streams_and_devices_do_not_mix()
    {
        await Store.AppendAsync(Record(1, 1f), Never);
        await Store.AppendAsync(Record(2, 1f) with { StreamEpoch = new byte[16] }, Never);
        Assert.Equal(["2-2", "1-1"], (await Store.GetStreamsAsync(Device, Never)).Select(Show));
        Assert.Empty(await Store.GetStreamsAsync(DeviceId.Parse("edge-02"), Never));
    }

    [Fact]
    public async Task Positions_grow_and_reading_goes_on_behind_one()
    {
        await Task.WhenAll(Enumerable.Range(1, 300).Select(i => Store.AppendAsync(Record((ulong)i, i), Never)));

        var first = await Store.ReadAsync(0, 100, Never);
        var rest = await Store.ReadAsync(first[^1].Position, 1000, Never);
        Assert.Equal((100, 200), (first.Count, rest.Count));
        var positions = first.Concat(rest).Select(b => b.Position).ToList();
        Assert.Equal(positions.Order().Distinct(), positions);
        Assert.Equal(positions[^1], await Store.GetHeadAsync(Never));
    }

    // A second activation of a device's grain appends what the first does. Two stores on one SQLite file there cannot be: the lock refuses the
    // second (SqliteDatabaseTests); a store that several silos share is asked this through two of its objects, too.
    [Fact]
    public async Task Two_writers_that_append_the_same_batches_at_the_same_time_write_each_once()
    {
        const int batches = 200;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(() => Task.WhenAll(
            Enumerable.Range(1, batches).Select(i => writer == 0 ? i : batches + 1 - i).Select(i => Store.AppendAsync(Record((ulong)i, i, frame: (ulong)i), Never))))));

        Assert.Equal(batches, outcomes.SelectMany(one => one).Count(outcome => outcome == AppendOutcome.Stored));
        Assert.Equal(batches, outcomes.SelectMany(one => one).Count(outcome => outcome == AppendOutcome.Duplicate));
        var stored = (await Store.ReadAsync(0, 2 * batches, Never)).Select(batch => BitConverter.ToString(batch.Payload)).ToArray();
        Assert.Equal((batches, batches), (stored.Length, stored.Distinct().Count()));
        var totals = await Store.CountAsync(Never);
        Assert.Equal((batches, batches, batches, 0), (totals.Batches, totals.Readings, totals.Duplicates, totals.DeadLetters));
        Assert.Equal($"1-{batches}", Show(Assert.Single(await Store.GetStreamsAsync(Device, Never))));
    }

    [Fact]
    public async Task An_empty_store_has_its_head_before_the_first_batch() => Assert.Equal(0, await Store.GetHeadAsync(Never));

    [Fact]
    public async Task A_unit_is_found_by_every_batch_that_holds_anything_of_it()
    {
        for (var i = 0; i < 150; i++)
        {
            await Store.AppendAsync(Record((ulong)i + 1, i, asset: i % 2 == 0 ? "a" : "b", frame: (ulong)i), Never);
        }

        List<long> positions = [];
        await foreach (var batch in Store.ReadUnitAsync(UnitRef.Parse("a#1"), Never))
        {
            positions.Add(batch.Position);
        }

        Assert.Equal(75, positions.Count);
        Assert.Equal(positions.Order(), positions);
        Assert.Equal(["a#1 0-148", "b#1 1-149"], (await Store.ListUnitsAsync(Never)).Select(u => $"{u.Unit} {u.FirstFrame}-{u.LastFrame}"));
    }

    [Fact]
    public async Task A_unit_that_was_only_predicted_is_not_listed_as_read()
    {
        var record = Record(1, 1f) with { Units = [new UnitSpan(UnitRef.Parse("a#1"), "", 0, 0, default, 0)] };
        await Store.AppendAsync(record, Never);
        Assert.Empty(await Store.ListUnitsAsync(Never));
    }

    public void Dispose()
    {
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    private static TelemetryRecord[] Records(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(i => Record((ulong)i, i, frame: (ulong)i))];

    private static string Signs(IEnumerable<AppendOutcome> outcomes) => string.Concat(outcomes.Select(outcome => outcome switch
    {
        AppendOutcome.Stored => '+',
        AppendOutcome.Duplicate => '=',
        _ => '!',
    }));

    internal static TelemetryRecord Record(ulong sequence, float value, string asset = "a", ulong frame = 0) =>
        BatchCheck.Check(Device, Batches.Of(Device.ToString(), sequence, Batches.Readings(asset, 1, frame, ("x", [value]))).ToByteArray(), Batches.Start);

    private static string Show(StreamExtent stream) => string.Join(' ', stream.Ranges.Select(r => $"{r.First}-{r.Last}"));
}

public sealed class SqliteTelemetryStoreTests() : TelemetryStoreContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresTelemetryStoreTests() : TelemetryStoreContract(StoreKind.Postgres);
