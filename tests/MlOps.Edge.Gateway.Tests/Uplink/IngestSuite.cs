using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Gateway.Tests.Uplink;

/// <summary>What holds by whichever way devices' messages come in.</summary>
public abstract class IngestSuite(RunningCloud cloud)
{
    [Fact]
    public async Task What_is_acknowledged_is_in_the_store_as_it_was_sent()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-01");
        for (var i = 1UL; i <= 50; i++)
        {
            await device.SendAsync(device.Batch(i));
        }

        await Wait.UntilAsync(() => device.Stored?.Through == 50);
        var stored = await StoredAsync(device);
        Assert.Equal(50, stored.Count);
        var first = device.Batch(1).ToByteArray();
        Assert.Single(stored, b => b.Payload.AsSpan().SequenceEqual(first));
        Assert.Equal(Convert.ToHexStringLower(RawDevice.Epoch), device.Stored!.Epoch);
    }

    [Fact]
    public async Task A_hole_is_told_and_closes_when_the_missing_batch_comes()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-02");
        await device.SendAsync(device.Batch(1));
        await device.SendAsync(device.Batch(3));
        await Wait.UntilAsync(() => device.Stored is { Through: 1, Above: [{ First: 3, Last: 3 }] });

        await device.SendAsync(device.Batch(2));
        await Wait.UntilAsync(() => device.Stored is { Through: 3, Above: [] });
    }

    [Fact]
    public async Task A_repeat_is_acknowledged_again_and_stored_once()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-03");
        await device.SendAsync(device.Batch(1));
        await Wait.UntilAsync(() => device.Acknowledgements.Count == 1);
        await device.SendAsync(device.Batch(1));
        await Wait.UntilAsync(() => device.Acknowledgements.Count == 2);

        Assert.Equal(1, device.Stored!.Through);
        Assert.Single(await StoredAsync(device));
    }

    [Fact]
    public async Task Another_content_under_a_taken_sequence_is_refused_and_the_first_one_stays()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-04");
        await device.SendAsync(device.Batch(1, value: 1));
        await Wait.UntilAsync(() => device.Stored?.Through == 1); // batches that wait together are stored in any order
        await device.SendAsync(device.Batch(1, value: 2));
        await Wait.UntilAsync(() => device.Stored is { Refused: [{ First: 1, Last: 1, Code: RefusalCode.Conflict }] });

        Assert.Equal(device.Batch(1, value: 1).ToByteArray(), Assert.Single(await StoredAsync(device)).Payload);
        Assert.Contains("cloned or rolled-back", (await cloud.Device("ingest-04").GetAsync()).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_that_names_no_sequence_is_a_dead_letter_and_what_follows_is_stored()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-05");
        var before = (await cloud.CountAsync()).DeadLetters;
        await device.PublishAsync(Topics.Telemetry(device.Id), [0xff, 0xff, 0xff]);
        await device.SendAsync(device.Batch(1));

        await Wait.UntilAsync(() => device.Stored?.Through == 1);
        Assert.Null(Assert.Single(device.Acknowledgements.SelectMany(a => a.Streams)).Refused);
        Assert.Single(await StoredAsync(device));
        Assert.Equal(before + 1, (await cloud.CountAsync()).DeadLetters);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { RefusalCode.ForeignDevice, "someone-else" },
        { RefusalCode.Protocol, "protocol 9" },
        { RefusalCode.Content, "has 4 bytes for 3 frames" },
        { RefusalCode.Undecodable, "does not decode" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_batch_that_can_never_be_stored_is_refused_with_the_reason_once_it_is_a_dead_letter(string code, string reason)
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, $"refused-{code}");
        var before = (await cloud.CountAsync()).DeadLetters;
        await device.SendAsync(device.Batch(1));
        await device.PublishAsync(Topics.Telemetry(device.Id), Bad(device.Batch(2), code));
        await device.SendAsync(device.Batch(3));
        await Wait.UntilAsync(() => device.Refusals.Count > 0);
        Assert.Equal(before + 1, (await cloud.CountAsync()).DeadLetters);
        var refusal = device.Refusals[0];
        Assert.Equal((2, 2, code), (refusal.First, refusal.Last, refusal.Code));
        Assert.Contains(reason, refusal.Reason, StringComparison.Ordinal);
        await Wait.UntilAsync(() => device.Stored is { Through: 1, Above: [{ First: 3, Last: 3 }] });

        // The device sets it aside and says so: the watermark passes over it.
        var gap = device.Batch(4);
        gap.Readings.Clear();
        gap.Gaps.Add(new Gap { FirstSequence = 2, LastSequence = 2, Reason = $"refused: {code}" });
        await device.SendAsync(gap);
        await Wait.UntilAsync(() => device.Stored is { Through: 4, Above: [], Refused: null });
    }

    private static byte[] Bad(TelemetryBatch batch, string code)
    {
        switch (code)
        {
            case RefusalCode.ForeignDevice: batch.Device = "someone-else"; break;
            case RefusalCode.Protocol: batch.Protocol = 9; break;
            case RefusalCode.Content: batch.Readings[0].Frames = 3; break;
            case RefusalCode.Undecodable: return batch.ToByteArray()[..^3];
            default: throw new ArgumentOutOfRangeException(nameof(code));
        }

        return batch.ToByteArray();
    }

    [Fact]
    public async Task A_report_is_acknowledged_by_session_and_sequence_once_it_is_kept()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-06");
        var report = new ReportedDocument { Session = "s1", Sequence = 7, Agent = new("1.0", "net10", "linux"), Group = "north", Assets = [new("pump-6", "pump", 2, 41)], Outbox = new(3, 99) { LagMs = 1500 } };
        await device.PublishAsync(Topics.Reported(device.Id), JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.ReportedDocument));

        await Wait.UntilAsync(() => device.Acknowledgements.Any(a => a.Reported == new ReportedAcknowledgement("s1", 7)));
        var view = await cloud.Device("ingest-06").GetAsync();
        Assert.Equal(("north", 41), (view.Reported!.Group, view.Reported.Assets[0].Frame));
        Assert.Equal(TimeSpan.FromSeconds(1.5), view.Lag);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"session":"s","sequence":1,"agent":{"version":"1","runtime":"r","os":"o"},"assets":[null]}""")]
    public async Task A_report_that_is_not_one_does_not_stop_the_next(string json)
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-07");
        await device.PublishAsync(Topics.Reported(device.Id), Encoding.UTF8.GetBytes(json));
        await device.SendAsync(device.Batch(1));
        await Wait.UntilAsync(() => device.Stored?.Through == 1);
        Assert.DoesNotContain(device.Acknowledgements, a => a.Reported is not null);
    }

    [Fact]
    public async Task A_device_is_online_while_it_says_so_and_its_will_ends_that()
    {
        var status = Topics.Status(DeviceId.Parse("ingest-08"));
        var device = await RawDevice.ConnectAsync(
            cloud.Port, "ingest-08", o => o.WithWillTopic(status).WithWillPayload("""{"online":false,"session":"a"}""").WithWillRetain());
        await device.PublishAsync(status, Encoding.UTF8.GetBytes("""{"online":true,"session":"a"}"""), retain: true);
        await Wait.UntilAsync(async () => (await cloud.Device("ingest-08").GetAsync()).Online);

        device.Dispose();
        await Wait.UntilAsync(async () => !(await cloud.Device("ingest-08").GetAsync()).Online);
    }

    [Fact]
    public async Task What_a_device_s_clocks_said_reaches_its_grain_with_the_batch()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "ingest-10");
        await device.SendAsync(device.Batch(1), ("clock", "0011223344556677:42"));
        await Wait.UntilAsync(() => device.Stored?.Through == 1);
        Assert.Equal("0011223344556677:42", cloud.Clocks["ingest-10"]);
        await device.SendAsync(device.Batch(2));
        await Wait.UntilAsync(() => device.Stored?.Through == 2);
        Assert.Null(cloud.Clocks["ingest-10"]);
    }

    [Fact]
    public async Task A_trace_that_a_device_began_goes_on_at_the_gateway()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        ConcurrentQueue<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MonitoringNames.Gateway,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);

        using var device = await RawDevice.ConnectAsync(cloud.Port, $"ingest-09-{cloud.Port}");
        await device.SendAsync(device.Batch(1), ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
        await Wait.UntilAsync(() => device.Stored?.Through == 1); // batches that wait together have one activity
        await device.SendAsync(device.Batch(2), ("traceparent", "nonsense"));
        await Wait.UntilAsync(() => device.Stored?.Through == 2);

        var mine = ended.Where(activity => (string?)activity.GetTagItem("mlops.device") == device.Id.ToString()).ToArray();
        Assert.Equal(2, mine.Length);
        var continued = Assert.Single(mine, activity => activity.TraceId.ToString() == trace);
        Assert.Equal(("ingest", "00f067aa0ba902b7"), (continued.OperationName, continued.ParentSpanId.ToString()));
    }

    private async Task<IReadOnlyList<StoredBatch>> StoredAsync(RawDevice device) =>
        [.. (await cloud.Get<ITelemetryStore>().ReadAsync(0, 100_000, TestContext.Current.CancellationToken)).Where(b => b.Device == device.Id)];
}
