using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Assets;

/// <summary>What a maintenance log owes its callers.</summary>
public sealed class MaintenanceLogContract : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly MaintenanceEvent Failure = new()
    {
        Id = "e1",
        Asset = "pump-07",
        Installation = 2,
        Kind = MaintenanceKind.Failure,
        Frame = 190,
        At = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2)),
        Note = "bearing",
        RecordedBy = "ann",
    };

    private readonly TemporaryStores _stores = new();

    private IMaintenanceLog Log => _stores.Get<IMaintenanceLog>();

    [Fact]
    public async Task An_event_is_kept_whole_and_a_repeat_is_the_same_event()
    {
        var position = await Log.AppendAsync(Failure, Never);
        _stores.Reopen();

        Assert.Equal(position, await Log.AppendAsync(Failure, Never));
        Assert.Equal(Failure, Assert.Single(await Log.ReadAsync(0, Never)).Event);
    }

    [Fact]
    public async Task An_id_is_not_reused_for_another_event()
    {
        await Log.AppendAsync(Failure, Never);
        await RefusedAsync(Failure with { Frame = 191 }, "taken by another event");
    }

    [Theory]
    [InlineData(MaintenanceKind.Failure, 190, "ended already")]
    [InlineData(MaintenanceKind.Replaced, 100, "ended already")]
    [InlineData(MaintenanceKind.Inspected, 191, "ended already")]
    public async Task A_unit_ends_once(MaintenanceKind kind, long frame, string says)
    {
        await Log.AppendAsync(Failure, Never);
        await RefusedAsync(Failure with { Id = "e2", Kind = kind, Frame = frame }, says);

        await Log.AppendAsync(Failure with { Id = "e3", Installation = 3 }, Never);
        Assert.Equal(2, (await Log.ListAsync(AssetId.Parse("pump-07"), Never)).Count);
    }

    [Fact]
    public async Task A_unit_did_not_end_before_it_was_last_seen()
    {
        await Log.AppendAsync(Failure with { Id = "e0", Kind = MaintenanceKind.Inspected, Frame = 195 }, Never);
        await RefusedAsync(Failure, "saw it at frame 195");
    }

    [Fact]
    public async Task An_event_that_makes_no_sense_is_refused()
    {
        await RefusedAsync(Failure with { Id = "" }, "needs an id");
        await RefusedAsync(Failure with { Asset = "Pump 7" }, "not an asset id");
        await RefusedAsync(Failure with { Frame = -1 }, "counts from 0");
        await RefusedAsync(Failure with { Kind = (MaintenanceKind)9 }, "not a kind");
        Assert.Empty(await Log.ReadAsync(0, Never));
    }

    [Fact]
    public async Task Reading_goes_on_behind_a_position()
    {
        Assert.Equal(0, await Log.GetHeadAsync(Never));
        var first = await Log.AppendAsync(Failure, Never);
        var second = await Log.AppendAsync(Failure with { Id = "e2", Asset = "pump-08" }, Never);
        Assert.Equal(second, await Log.GetHeadAsync(Never));
        Assert.Equal("e2", Assert.Single(await Log.ReadAsync(first, Never)).Event.Id);
        Assert.Equal("e1", Assert.Single(await Log.ListAsync(AssetId.Parse("pump-07"), Never)).Event.Id);
    }

    public void Dispose() => _stores.Dispose();

    private async Task RefusedAsync(MaintenanceEvent entry, string says) =>
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidMaintenanceEventException>(() => Log.AppendAsync(entry, Never))).Message, StringComparison.Ordinal);
}
