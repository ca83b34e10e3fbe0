using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Tests.Stores;

namespace MlOps.Edge.Cloud.Tests.Devices;

public sealed class QuarantineTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddYears(50);

    private readonly TestSilo _silo = new();

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task It_survives_a_restart_and_ends_by_itself()
    {
        var quarantine = await _silo.Device("q-01").QuarantineAsync("it floods", At);
        await _silo.RestartAsync();

        Assert.Equal(quarantine, await _silo.Device("q-01").GetQuarantineAsync(At.AddMinutes(4)));
        Assert.Null(await _silo.Device("q-01").GetQuarantineAsync(At.AddMinutes(5)));
        var view = await _silo.Device("q-01").GetAsync();
        Assert.True(view.Known);
        Assert.Equal(quarantine, view.Quarantine);
        Assert.Equal(quarantine, Assert.Single(await _silo.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new())).Quarantine);
    }

    [Fact]
    public async Task It_is_told_once_and_so_is_the_release()
    {
        var device = _silo.Device("q-02");
        await device.QuarantineAsync("it floods", At);
        Assert.Equal("it floods", (await device.QuarantineAsync("garbage", At.AddMinutes(1))).Reason); // it is in one already
        Assert.True(await device.ReleaseAsync("ada", At.AddMinutes(2)));
        Assert.False(await device.ReleaseAsync("ada", At.AddMinutes(3)));

        Assert.Null(await device.GetQuarantineAsync(At.AddMinutes(2)));
        Assert.Equal(
            [EventKinds.DeviceQuarantined, EventKinds.DeviceReleased],
            (await _silo.Get<IEventLog>().ReadAsync(0, "device/q-02", 10, TestContext.Current.CancellationToken)).Select(e => e.Kind));
    }

    [Fact]
    public void Each_lasts_twice_as_long_as_the_one_before_up_to_a_day()
    {
        DeviceQuarantine? last = null;
        var lasted = new List<double>();
        for (var time = At; lasted.Count < 11; time = last.Until.AddMinutes(1))
        {
            last = QuarantineRules.Next(last, "again", time);
            lasted.Add((last.Until - last.Since).TotalMinutes);
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440], lasted);
        Assert.Equal(1440, (QuarantineRules.Next(last! with { Times = 5000 }, "again", last.Until).Until - last.Until).TotalMinutes);
    }

    [Fact]
    public void After_a_day_without_trouble_it_begins_anew()
    {
        var first = QuarantineRules.Next(null, "it floods", At);
        var second = QuarantineRules.Next(first, "it floods", first.Until.AddDays(1));
        Assert.Equal((1, TimeSpan.FromMinutes(5)), (second.Times, second.Until - second.Since));
    }
}
