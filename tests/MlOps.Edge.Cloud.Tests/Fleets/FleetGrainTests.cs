using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Tests.Stores;

namespace MlOps.Edge.Cloud.Tests.Fleets;

public sealed class FleetGrainTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch.AddYears(56);

    private readonly TestSilo _silo = new();

    private IFleetGrain Fleet => _silo.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default);

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task When_a_device_was_last_heard_is_worth_no_write_but_what_it_runs_is()
    {
        await Fleet.UpdateAsync(Device(1));
        var (written, _) = await StoredAsync();
        await Fleet.UpdateAsync(Device(1) with { LastSeen = At.AddMinutes(1) });
        Assert.Equal(At.AddMinutes(1), Assert.Single(await Fleet.ListAsync(new())).LastSeen);
        await _silo.RestartAsync();
        Assert.Equal(written, (await StoredAsync()).Writes);

        await Fleet.UpdateAsync(Device(1) with { Active = new("m", 2, "d") });
        await _silo.RestartAsync();
        Assert.Equal(written + 1, (await StoredAsync()).Writes);
        Assert.Equal(2, Assert.Single(await Fleet.ListAsync(new())).Active!.Version);
    }

    [Fact]
    public async Task Ten_thousand_devices_that_enrol_together_share_writes_and_take_a_few_megabytes()
    {
        const int devices = 10_000;
        await Task.WhenAll(Enumerable.Range(0, devices).Select(i => Fleet.UpdateAsync(Device(i))));

        var (writes, bytes) = await StoredAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{devices} devices: {bytes} bytes, {writes} writes");
        Assert.InRange(writes, 1, devices / 10);
        Assert.InRange(bytes, devices, 12_000_000);
        await _silo.RestartAsync();
        Assert.Equal(devices, (await Fleet.ListAsync(new())).Length);
    }

    private static DeviceSummary Device(int i) => new()
    {
        Id = $"device-{i:00000}",
        Group = "default",
        MachineKind = "centrifugal-pump",
        Asset = $"pump-{i:00000}",
        Installation = 3,
        Online = true,
        DesiredEpoch = 4,
        ReportedEpoch = 4,
        Desired = new(Assigned(2), Assigned(1), "centrifugal-pump-rul-v2"),
        Active = new("centrifugal-pump-rul", 2, Digest(2)),
        Shadow = new("centrifugal-pump-rul", 1, Digest(1)),
        Deployments = [new("active", 4, "centrifugal-pump-rul-v2", "centrifugal-pump-rul", 2, Contracts.Documents.DeploymentState.Succeeded, null, 12, 12)],
        LastSeen = At,
    };

    private static AssignedModel Assigned(int version) => new("centrifugal-pump-rul", version, Digest(version), Digest(version + 10));

    private static string Digest(int of) => Contracts.Sha256Digest.Of([(byte)of]).ToString();

    private Task<(long Writes, long Bytes)> StoredAsync() => _silo.Get<SqliteDatabase>().ReadAsync(
        session => session.First("SELECT version, length(state) FROM grain_state WHERE kind = $1", row => (row.GetInt64(0), row.GetInt64(1)), "fleet"),
        TestContext.Current.CancellationToken);
}
