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

    internal static TelemetryRecord Record(ulong sequence, float value, string asset = "a", ulong frame = 0) =>
        BatchCheck.Check(Device, Batches.Of(Device.ToString(), sequence, Batches.Readings(asset, 1, frame, ("x", [value]))).ToByteArray(), Batches.Start);

    private static string Show(StreamExtent stream) => string.Join(' ', stream.Ranges.Select(r => $"{r.First}-{r.Last}"));
}

public sealed class SqliteTelemetryStoreTests() : TelemetryStoreContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresTelemetryStoreTests() : TelemetryStoreContract(StoreKind.Postgres);
