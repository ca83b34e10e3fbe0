using Google.Protobuf;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Tests.Stores;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Devices;

public sealed class DeviceGrainTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = Batches.Start;
    private static readonly Assignment V1 = new(new AssignedModel("m", 1, "aa", "bb"), null, "r");

    private readonly TestSilo _silo = new();

    public ValueTask InitializeAsync() => _silo.InitializeAsync();

    public ValueTask DisposeAsync() => _silo.DisposeAsync();

    [Fact]
    public async Task What_is_stored_of_a_stream_is_known_again_after_a_restart()
    {
        await IngestAsync("edge-01", 1, 2, 4);
        await _silo.RestartAsync();

        var position = await IngestAsync("edge-01", 6);
        Assert.Equal(2, position.Through);
        Assert.Equal([new SequenceSpan(4, 4), new SequenceSpan(6, 6)], position.Above);
        Assert.Equal(6, (await IngestAsync("edge-01", 3, 5)).Through);
    }

    [Fact]
    public async Task What_is_refused_does_not_count_as_stored_until_the_device_tells_a_gap()
    {
        await IngestAsync("edge-02", 1, 3);
        var bad = Batches.Of("edge-02", 2, Batches.Readings("a", 1, 2, ("x", [1f])));
        bad.Readings[0].Frames = 9;
        var refused = await _silo.Device("edge-02").IngestAsync([new(bad.ToByteArray(), At)]);
        var refusal = Assert.Single(refused.Refusals);
        Assert.Equal((1, 2, RefusalCode.Content), (Assert.Single(refused.Streams).Through, refusal.Sequence, refusal.Code));

        var gap = Batches.Of("edge-02", 4);
        gap.Gaps.Add(new Gap { FirstSequence = 2, LastSequence = 2 });
        var after = await _silo.Device("edge-02").IngestAsync([new(gap.ToByteArray(), At)]);
        Assert.Equal((4, 0), (Assert.Single(after.Streams).Through, after.Refusals.Length));
    }

    [Fact]
    public async Task Of_batches_that_come_together_each_has_its_own_fate()
    {
        var stored = Batches.Of("edge-03", 1, Batches.Readings("a", 1, 1, ("x", [1f])));
        var conflict = Batches.Of("edge-03", 1, Batches.Readings("a", 1, 1, ("x", [2f])));
        var wanting = Batches.Of("edge-03", 2, Batches.Readings("a", 1, 2, ("x", [1f])));
        wanting.Readings[0].Schema = ByteString.CopyFrom(new byte[16]);
        wanting.Readings[0].Columns.Clear();
        var foreign = Batches.Of("edge-04", 3);
        byte[] garbage = [0xff];

        var answer = await _silo.Device("edge-03").IngestAsync(
            [.. new[] { stored.ToByteArray(), conflict.ToByteArray(), wanting.ToByteArray(), foreign.ToByteArray(), garbage, stored.ToByteArray() }.Select(payload => new IngestBatch(payload, At))]);
        Assert.Equal([BatchFate.Stored, BatchFate.Refused, BatchFate.Wanting, BatchFate.Refused, BatchFate.Unreadable, BatchFate.Stored], answer.Fates);
        Assert.Equal(1, Assert.Single(answer.Streams).Through);
        Assert.Equal([RefusalCode.ForeignDevice, RefusalCode.Conflict], answer.Refusals.Select(r => r.Code));
        Assert.Equal([new string('0', 32)], answer.Wants);
        Assert.Contains("does not decode", Assert.Single(answer.Unreadable), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readings_of_an_asset_are_taken_from_whoever_sends_them()
    {
        await _silo.Device("edge-01").ReportAsync(Report(1, "g"));
        Assert.Equal(1, (await IngestAsync("edge-01", 1)).Through);
        Assert.Equal(1, (await IngestAsync("edge-02", 1)).Through);
    }

    [Fact]
    public async Task An_assignment_is_published_once_has_an_epoch_and_outlives_a_restart()
    {
        Assert.Equal(1, await _silo.Device("edge-01").AssignAsync(V1));
        Assert.Equal(1, await _silo.Device("edge-01").AssignAsync(V1));
        Assert.Equal(2, await _silo.Device("edge-01").AssignAsync(V1 with { Shadow = V1.Active }));
        await _silo.RestartAsync();

        await _silo.Device("edge-01").AnnounceAsync();
        Assert.Equal(["edge-01 desired 1", "edge-01 desired 2", "edge-01 desired 2"], _silo.Downlink.Sent("edge-01"));
        Assert.Equal((2, true), ((await _silo.Device("edge-01").GetAsync()).DesiredEpoch, (await _silo.Device("edge-01").GetAsync()).Known));
    }

    [Fact]
    public async Task An_assignment_that_was_written_and_not_published_is_published_when_asked_again()
    {
        _silo.Downlink.Failures = 1;
        await Assert.ThrowsAsync<InvalidOperationException>(() => _silo.Device("edge-01").AssignAsync(V1));
        Assert.Equal(1, await _silo.Device("edge-01").AssignAsync(V1));
        Assert.Equal(["edge-01 desired 1"], _silo.Downlink.Sent("edge-01"));
    }

    [Fact]
    public async Task A_report_is_kept_over_a_restart_and_an_older_one_does_not_undo_it()
    {
        await _silo.Device("edge-01").ReportAsync(Report(sequence: 2, group: "north"));
        await _silo.Device("edge-01").ReportAsync(Report(sequence: 1, group: "south"));
        await _silo.RestartAsync();
        Assert.Equal("north", (await _silo.Device("edge-01").GetAsync()).Reported!.Group);
    }

    [Fact]
    public async Task A_will_of_an_earlier_session_does_not_put_a_device_offline()
    {
        var device = _silo.Device("edge-01");
        await device.ConnectionAsync(true, "new");
        await device.ConnectionAsync(false, "old");
        Assert.True((await device.GetAsync()).Online);
        await device.ConnectionAsync(false, "new");
        Assert.False((await device.GetAsync()).Online);
    }

    [Fact]
    public async Task The_fleet_lists_each_device_by_id_group_and_kind_and_still_does_after_a_restart()
    {
        await _silo.Device("edge-02").ReportAsync(Report(1, "north"));
        await _silo.Device("edge-01").ReportAsync(Report(1, "south"));
        await _silo.Device("edge-03").AssignAsync(V1);
        await _silo.RestartAsync();

        var fleet = _silo.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default);
        Assert.Equal(["edge-01", "edge-02", "edge-03"], (await fleet.ListAsync(new FleetSelector())).Select(d => d.Id));
        Assert.Equal("edge-02", Assert.Single(await fleet.ListAsync(new FleetSelector(Group: "north"))).Id);
        Assert.Equal(2, (await fleet.ListAsync(new FleetSelector(MachineKind: "pump"))).Length);
        Assert.Equal(V1, (await fleet.ListAsync(new FleetSelector()))[2].Desired);
    }

    [Fact]
    public async Task The_fleet_knows_within_seconds_when_a_device_was_last_heard()
    {
        await _silo.Device("edge-01").ReportAsync(Report(1, "g"));
        await _silo.Device("edge-01").ReportAsync(Report(2, "g") with { ReceivedAt = At.AddSeconds(1) });
        Assert.InRange(Assert.Single(await FleetAsync()).LastSeen!.Value, At, At.AddSeconds(1));
        await _silo.Device("edge-01").ReportAsync(Report(3, "g") with { ReceivedAt = At.AddSeconds(5) });
        Assert.Equal(At.AddSeconds(5), Assert.Single(await FleetAsync()).LastSeen);
    }

    [Fact]
    public async Task The_fleet_knows_at_once_how_far_a_device_says_it_is_behind()
    {
        await _silo.Device("edge-01").ReportAsync(Report(1, "g") with { OutboxLag = TimeSpan.FromMinutes(10) });
        await _silo.Device("edge-01").ReportAsync(Report(2, "g") with { OutboxLag = TimeSpan.Zero });
        Assert.Equal(TimeSpan.Zero, Assert.Single(await FleetAsync()).Lag);
    }

    [Fact]
    public async Task Who_was_online_before_a_restart_is_not_until_it_is_heard_again()
    {
        await _silo.Device("edge-01").ConnectionAsync(true, "s");
        await _silo.Device("edge-02").ConnectionAsync(true, "s");
        Assert.All(await FleetAsync(), d => Assert.True(d.Online));
        await _silo.RestartAsync();

        Assert.All(await FleetAsync(), d => Assert.False(d.Online));
        Assert.False((await _silo.Device("edge-01").GetAsync()).Online);
        await _silo.Device("edge-01").ReportAsync(Report(1, "g"));
        await _silo.Device("edge-02").AssignAsync(V1);
        Assert.Equal([("edge-01", true), ("edge-02", false)], (await FleetAsync()).Select(d => (d.Id, d.Online)));
        await _silo.Device("edge-02").ConnectionAsync(true, "s");
        Assert.All(await FleetAsync(), d => Assert.True(d.Online));
    }

    [Fact]
    public async Task Devices_that_only_measure_are_left_out_where_models_are_meant()
    {
        await _silo.Device("edge-01").ReportAsync(Report(1, "g"));
        await _silo.Device("importer").ReportAsync(Report(1, "g") with { TelemetryOnly = true });

        Assert.Equal(["edge-01", "importer"], (await FleetAsync()).Select(d => d.Id));
        Assert.Equal("edge-01", Assert.Single(await _silo.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new(TakesModels: true))).Id);
    }

    [Fact]
    public async Task Missing_blobs_are_published_again_but_only_those_assigned()
    {
        var (mine, other) = (Sha256Digest.Of([1]), Sha256Digest.Of([2]));
        _silo.Blobs.Add(mine);
        await _silo.Device("edge-01").AssignAsync(V1);
        await _silo.Device("edge-01").ReportAsync(Report(1, "g") with { MissingBlobs = [mine.ToString(), other.ToString(), "nonsense"] });
        Assert.Equal([$"again {mine}"], _silo.Downlink.Sent("again"));
    }

    private Task<DeviceSummary[]> FleetAsync() => _silo.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new());

    private static DeviceReport Report(long sequence, string group) => new()
    {
        Session = "s",
        Sequence = sequence,
        AgentVersion = "1",
        Runtime = "r",
        Os = "o",
        Group = group,
        ReceivedAt = At,
        Assets = [new ReportedAssetView("pump-1", "pump", 1, 10)],
    };

    private async Task<StreamPosition> IngestAsync(string device, params ulong[] sequences)
    {
        var answer = await _silo.Device(device).IngestAsync(
            [.. sequences.Select(sequence => new IngestBatch(Batches.Of(device, sequence, Batches.Readings("a", 1, sequence, ("x", [1f]))).ToByteArray(), At))]);
        return Assert.Single(answer.Streams);
    }
}
