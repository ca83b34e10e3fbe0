using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry.Queries;

public abstract class LatestAndSelectorContract(StoreKind kind) : IDisposable
{
    private readonly QueryRoom _room = new(kind);

    [Fact]
    public async Task The_latest_frame_of_each_unit_with_units_of_measure()
    {
        await FillAsync();
        var latest = await _room.Queries.GetLatestAsync(new(), [], TestContext.Current.CancellationToken);
        Assert.Equal(["a#1", "a#2", "b#1"], latest.Select(l => l.Unit.ToString()));
        var first = latest[0];
        Assert.Equal((1, Batches.Start.AddHours(1), "edge-01", "pump"), (first.Frame, first.At, first.Device.ToString(), first.MachineKind));
        Assert.Equal([new(new("x", "1"), 11), new(new("y", "1"), 21)], first.Values);
        var some = await _room.Queries.GetLatestAsync(new(), ["y"], TestContext.Current.CancellationToken);
        Assert.Equal([1, 0, 0], some.Select(l => l.Values.Count));
    }

    [Theory]
    [InlineData("asset a", "a#1 a#2")]
    [InlineData("asset a#2 b", "a#2 b#1")]
    [InlineData("device edge-02", "a#2 b#1")]
    [InlineData("group hall-1", "a#1")]
    [InlineData("group hall-3", "")]
    [InlineData("kind pump", "a#1 a#2 b#1")]
    [InlineData("kind fan", "")]
    public async Task Units_are_chosen_by_asset_device_group_or_machine_kind(string selector, string expected)
    {
        await FillAsync();
        Assert.Equal(expected, string.Join(' ', (await _room.Queries.GetLatestAsync(Selector(selector), [], TestContext.Current.CancellationToken)).Select(l => l.Unit)));
    }

    [Theory]
    [InlineData("asset c", "No readings of 'c' are stored; known are a#1, a#2, b#1.")]
    [InlineData("asset a#3", "No readings of 'a#3' are stored; known are a#1, a#2, b#1.")]
    [InlineData("device edge-09", "There is no device 'edge-09'; known are edge-01, edge-02, edge-03.")]
    [InlineData("group hall-9", "No device is of a group 'hall-9'; known are hall-1, hall-2, hall-3.")]
    [InlineData("kind boat", "No machine is of a kind 'boat'; known are pump.")]
    public async Task What_is_not_there_is_told_with_what_is(string selector, string expected)
    {
        await FillAsync();
        var unknown = await Assert.ThrowsAsync<UnknownUnitException>(() => _room.Queries.GetLatestAsync(Selector(selector), [], TestContext.Current.CancellationToken));
        Assert.Equal(expected, unknown.Message);
    }

    [Fact]
    public async Task Gaps_are_those_of_the_units_and_the_span()
    {
        await FillAsync();
        static Gap Frames(string asset, DateTimeOffset at) => new()
        {
            Reason = "stopped",
            Asset = asset,
            Installation = 1,
            FirstFrame = 5,
            LastFrame = 6,
            FirstTimeMs = at.ToUnixTimeMilliseconds(),
            LastTimeMs = at.AddHours(1).ToUnixTimeMilliseconds(),
        };
        await _room.SendAsync("edge-01", b => b.Gaps.Add([Frames("a", Batches.Start), new() { FirstSequence = 90, LastSequence = 99, Reason = "full" }]));
        await _room.SendAsync("edge-02", b => b.Gaps.Add([Frames("b", Batches.Start.AddHours(5))]));

        async Task<string> GapsAsync(string selector, double from = 0, double to = 100, int limit = 100) => string.Join(' ', (await _room.Queries.ListGapsAsync(
            Selector(selector), QueryTime.At(Batches.Start.AddHours(from)), QueryTime.At(Batches.Start.AddHours(to)), limit, TestContext.Current.CancellationToken))
            .Select(g => g.Gap.Asset.Length > 0 ? g.Gap.Asset : g.Gap.Reason));

        Assert.Equal("b full a", await GapsAsync("all"));
        Assert.Equal("b full", await GapsAsync("all", limit: 2));
        Assert.Equal("full a", await GapsAsync("device edge-01"));
        Assert.Equal("b", await GapsAsync("asset b"));
        Assert.Equal("full a", await GapsAsync("asset a#1"));
        Assert.Equal("b full", await GapsAsync("all", from: 2));
        Assert.Equal("full a", await GapsAsync("all", to: 5));
    }

    public void Dispose()
    {
        _room.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task FillAsync()
    {
        _room.Fleet.AddRange([new() { Id = "edge-01", Group = "hall-1" }, new() { Id = "edge-02", Group = "hall-2" }, new() { Id = "edge-03", Group = "hall-3", MachineKind = "fan" }]);
        await _room.StoreAsync(Batches.Readings("a", 1, 0, ("x", [10, 11]), ("y", [20, 21])));
        await _room.StoreFromAsync("edge-02", Batches.Readings("b", 1, 0, ("x", [30])), Batches.Readings("a", 2, 0, ("x", [40])));
    }

    private static UnitSelector Selector(string text) => text.Split(' ') switch
    {
        ["asset", .. var names] => new() { Assets = [.. names.Select(n => UnitSet.Parse(n))] },
        ["device", .. var names] => new() { Devices = [.. names.Select(n => DeviceId.Parse(n))] },
        ["group", var name] => new() { Group = name },
        ["kind", var name] => new() { MachineKind = name },
        _ => new(),
    };
}

public sealed class SqliteLatestAndSelectorTests() : LatestAndSelectorContract(StoreKind.Sqlite);

[Trait(PostgresServer.Trait, PostgresServer.Name)]
public sealed class PostgresLatestAndSelectorTests() : LatestAndSelectorContract(StoreKind.Postgres);
