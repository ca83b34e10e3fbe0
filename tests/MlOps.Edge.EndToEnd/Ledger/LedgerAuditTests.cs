using System.Net;
using System.Net.Sockets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Processes;
using Xunit.Sdk;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>The audit itself: it lets pass what is even, and nothing else. No process is started.</summary>
public sealed class LedgerAuditTests : IAsyncLifetime
{
    private const int Given = 10;
    private readonly TestFolder _folder = new();
    private readonly StoredLedger _ledger = new();
    private LedgerDevice _device = null!;

    public async ValueTask InitializeAsync()
    {
        _device = new(0, _folder["device"], brokerPort: 1);
        using var reader = new TcpClient();
        await reader.ConnectAsync(IPAddress.Loopback, _device.Bench.Port, TestContext.Current.CancellationToken);
        for (var i = 0; i < Given; i++)
        {
            await reader.GetStream().WriteAsync(new byte[1], TestContext.Current.CancellationToken);
            await reader.GetStream().ReadExactlyAsync(new byte[MachineBench.Channels * sizeof(float)], TestContext.Current.CancellationToken);
        }

        // Four readings, a stop of five frames in which two readings were lost, four more.
        Store((0, 0), (1, 1), (2, 2), (3, 3), (9, 6), (10, 7), (11, 8), (12, 9));
        _ledger.Gaps.Add(Gap(4, 8));
    }

    [Fact]
    public void What_is_even_passes() => Assert.Contains("8 stored once, 2 lost within 1 gap records", LedgerAudit.RequireEven(_device, _ledger, "stopped"), StringComparison.Ordinal);

    [Fact]
    public void A_frame_that_is_missing_is_noticed()
    {
        _ledger.Frames.Remove(10);
        RequireUneven();
    }

    [Fact]
    public void The_last_reading_that_is_missing_is_noticed()
    {
        _ledger.Frames.Remove(12);
        RequireUneven();
    }

    [Fact]
    public void A_reading_that_is_stored_under_two_ages_is_noticed()
    {
        Store((13, 9));
        RequireUneven();
    }

    [Theory]
    [InlineData(4, 7)]
    [InlineData(5, 8)]
    [InlineData(4, 9)]
    [InlineData(3, 8)]
    public void A_gap_record_that_is_not_exact_is_noticed(int first, int last)
    {
        _ledger.Gaps[0] = Gap(first, last);
        RequireUneven();
    }

    [Fact]
    public void More_lost_readings_than_a_gap_record_has_frames_are_noticed()
    {
        _ledger.Frames.Clear();
        Store((0, 0), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9));
        _ledger.Gaps[0] = Gap(1, 1);
        RequireUneven();
    }

    [Fact]
    public void A_wrong_number_a_wrong_reason_and_a_record_that_came_twice_are_noticed()
    {
        _ledger.Gaps[0].Readings--;
        RequireUneven();
        _ledger.Gaps[0] = Gap(4, 8);
        _ledger.Gaps[0].Reason = "full";
        RequireUneven();
        _ledger.Gaps[0] = Gap(4, 8);
        _ledger.Gaps.Add(Gap(4, 8));
        RequireUneven();
    }

    [Fact]
    public void What_the_agent_counted_must_be_the_number_of_lost_readings()
    {
        _ledger.Gaps[0].Reason = "unwritten";
        Assert.ThrowsAny<XunitException>(() => LedgerAudit.RequireEven(_device, _ledger, "unwritten"));
    }

    [Fact]
    public void Values_of_another_device_channel_or_reading_are_no_reading()
    {
        float[] values = [.. Enumerable.Range(0, MachineBench.Channels).Select(channel => MachineBench.Value(3, channel, 77))];
        Assert.Equal(77, MachineBench.IndexOf(3, values));
        Assert.Null(MachineBench.IndexOf(2, values));
        (values[0], values[1]) = (values[1], values[0]);
        Assert.Null(MachineBench.IndexOf(3, values));
        values = [.. Enumerable.Range(0, MachineBench.Channels).Select(channel => MachineBench.Value(31, channel, (1 << 17) - 1 - channel))];
        Assert.Null(MachineBench.IndexOf(31, values));
    }

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        _folder.Dispose();
    }

    private static Gap Gap(int first, int last) => new()
    {
        Asset = "ledger-0",
        FirstFrame = (ulong)first,
        LastFrame = (ulong)last,
        Readings = (ulong)((last - first + 1) * MachineBench.Channels),
        Reason = "stopped",
    };

    private void Store(params (long Age, int Reading)[] frames)
    {
        foreach (var (age, reading) in frames)
        {
            _ledger.Frames[age] = new(reading, default, ClockTrust.Plain);
        }
    }

    private void RequireUneven() => Assert.ThrowsAny<XunitException>(() => LedgerAudit.RequireEven(_device, _ledger, "stopped"));
}
