using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Tests.Assets;

public sealed class MaintenanceDeskTests : IAsyncLifetime, IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly MaintenanceReport Failure = new(null, "a", null, MaintenanceKind.Failure, null, null, "worn", "ann");

    private readonly TemporaryStores _stores = new();

    private MaintenanceDesk Desk => new(
        _stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>(), new UnitHistories(_stores.Get<ITelemetryStore>(), _stores.Get<IMaintenanceLog>()), new FakeTimeProvider());

    public async ValueTask InitializeAsync()
    {
        await StoreAsync(1, Batches.Readings("a", 1, 0, ("x", [0, 1, 2])));
        await StoreAsync(2, Batches.Readings("a", 2, 0, ("x", [0, 1, 2, 3])), Batches.Readings("b", 1, 0, ("x", [0])));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _stores.Dispose();

    [Fact]
    public async Task Without_more_words_it_is_the_newest_installation_at_its_last_frame()
    {
        var recorded = (await Desk.RecordAsync(Failure, Never)).Event;
        Assert.Equal(("a#2", 3, Batches.Start.AddHours(3), "ann"), (recorded.Unit.ToString(), recorded.Frame, recorded.At, recorded.RecordedBy));
    }

    [Fact]
    public async Task A_time_names_the_last_frame_until_then()
    {
        var recorded = await Desk.RecordAsync(Failure with { At = Batches.Start.AddHours(1.5) }, Never);
        Assert.Equal(1, recorded.Event.Frame);
    }

    [Fact]
    public async Task A_frame_names_its_time()
    {
        var recorded = await Desk.RecordAsync(Failure with { Installation = 1, Frame = 1 }, Never);
        Assert.Equal(("a#1", Batches.Start.AddHours(1)), (recorded.Event.Unit.ToString(), recorded.Event.At));
    }

    [Fact]
    public async Task The_history_of_an_asset_is_what_was_recorded_of_it_and_one_that_is_unknown_has_none()
    {
        Assert.Empty(await Desk.HistoryAsync(AssetId.Parse("b"), Never));
        var recorded = await Desk.RecordAsync(Failure, Never);
        Assert.Equal([recorded], await Desk.HistoryAsync(AssetId.Parse("a"), Never));
        Assert.Contains("known are a, b", (await Assert.ThrowsAsync<UnknownUnitException>(() => Desk.HistoryAsync(AssetId.Parse("c"), Never))).Message);
    }

    [Fact]
    public async Task The_same_report_twice_is_one_event() =>
        Assert.Equal(await Desk.RecordAsync(Failure, Never), await Desk.RecordAsync(Failure, Never));

    [Theory]
    [InlineData("pump-9", null, null, typeof(UnknownUnitException), "known are a, b")]
    [InlineData("a", 7, null, typeof(UnknownUnitException), "known are a#1, a#2")]
    [InlineData("a", null, 9L, typeof(InvalidMaintenanceEventException), "stored are frames 0 to 3")]
    [InlineData("A b", null, null, typeof(InvalidMaintenanceEventException), "not an asset id")]
    public async Task What_is_not_known_is_refused_and_what_is_known_is_named(string asset, int? installation, long? frame, Type refusal, string says)
    {
        var report = Failure with { Asset = asset, Installation = installation, Frame = frame };
        var error = await Assert.ThrowsAsync(refusal, () => Desk.RecordAsync(report, Never));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_before_the_unit_began_is_refused() =>
        await Assert.ThrowsAsync<InvalidMaintenanceEventException>(() => Desk.RecordAsync(Failure with { At = Batches.Start.AddHours(-1) }, Never));

    private Task<AppendOutcome> StoreAsync(ulong sequence, params Contracts.Telemetry.Readings[] readings) => _stores.Get<ITelemetryStore>().AppendAsync(
        BatchCheck.Check(DeviceId.Parse("edge-01"), Batches.Of("edge-01", sequence, readings).ToByteArray(), Batches.Start), Never);
}
