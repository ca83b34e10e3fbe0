using System.Threading.Channels;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Api.Tests;

/// <summary>Three frames of one pump, whatever is asked, and a feed that the test fills. It notes what it was asked.</summary>
public sealed class FakeTelemetry : ITelemetryQueries, ITelemetryFeed
{
    private static readonly UnitRef Unit = UnitRef.Parse("pump-07#1");
    private static readonly DeviceId Device = DeviceId.Parse("edge-07");

    private static readonly StoredGap[] Gaps =
    [
        new(Device, new byte[16], new() { FirstSequence = 3, LastSequence = 5, Readings = 600, Reason = "full" }, DateTimeOffset.UnixEpoch),
        new(Device, new byte[16], new() { Asset = "pump-07", Installation = 1, FirstFrame = 1, LastFrame = 6, Reason = "stopped", FirstTimeMs = 1, LastTimeMs = 900 }, DateTimeOffset.UnixEpoch),
    ];

    public static QueryChannel[] Channels { get; } = [new("flow", "m3/h"), new("a,\"b\"", "1")];

    public static TelemetryPage Frames { get; } = new()
    {
        Unit = Unit,
        Device = Device,
        MachineKind = "centrifugal-pump",
        Times = [1_000, 2_000, 3_500],
        Frames = [7, 8, 9],
        Values = [[0.1f, float.NaN, -0f], [float.PositiveInfinity, 16_777_216f, float.Epsilon]],
    };

    public static TelemetryPage Minutes { get; } = Frames with
    {
        Times = [60_000],
        Frames = null,
        Values = [[1.5f], [float.NaN]],
        Intervals = new([60], [[1f], [float.NaN]], [[2f], [float.NaN]]),
    };

    public RangeQuery? Asked { get; private set; }

    public int Pages { get; set; } = 1;

    public Exception? BreaksOff { get; set; }

    public Channel<LiveReadings> Live { get; } = Channel.CreateUnbounded<LiveReadings>();

    public Task<IReadOnlyList<LatestReading>> GetLatestAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken)
    {
        Know(selector);
        return Task.FromResult<IReadOnlyList<LatestReading>>(
            [new(Unit, "centrifugal-pump", Device, 9, DateTimeOffset.FromUnixTimeMilliseconds(3_500), [new(Channels[0], -1.25f), new(Channels[1], float.NaN)])]);
    }

    public Task<RangePlan> PlanAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        Know(query.Units);
        Asked = query;
        return Task.FromResult(new RangePlan([], Channels, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1), query.Resolution == Resolution.Auto ? Resolution.Raw : query.Resolution));
    }

    public async IAsyncEnumerable<TelemetryPage> ReadAsync(RangePlan plan, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        for (var i = 0; i < Pages; i++)
        {
            yield return plan.Resolution == Resolution.Raw ? Frames : Minutes;
        }

        if (BreaksOff is { } error)
        {
            throw error;
        }
    }

    public Task<IReadOnlyList<StoredGap>> ListGapsAsync(UnitSelector selector, QueryTime? from, QueryTime? to, int limit, CancellationToken cancellationToken)
    {
        Know(selector);
        return Task.FromResult<IReadOnlyList<StoredGap>>(Gaps);
    }

    public Task<ILiveSubscription> SubscribeAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken)
    {
        Know(selector);
        return Task.FromResult<ILiveSubscription>(new Subscription(Live.Reader));
    }

    private static void Know(UnitSelector selector)
    {
        if (selector.Assets.FirstOrDefault(a => !a.Holds(Unit)) is { Asset: var asset } && asset != default)
        {
            throw new UnknownUnitException($"No readings of '{asset}' are stored; known are {Unit}.");
        }

        if (selector.Devices.FirstOrDefault(d => d != Device) is var device && device != default)
        {
            throw new UnknownUnitException($"There is no device '{device}'; known are {Device}.");
        }
    }

    private sealed class Subscription(ChannelReader<LiveReadings> live) : ILiveSubscription
    {
        public ValueTask<LiveReadings> NextAsync(CancellationToken cancellationToken) => live.ReadAsync(cancellationToken);

        public void Dispose()
        {
        }
    }
}
