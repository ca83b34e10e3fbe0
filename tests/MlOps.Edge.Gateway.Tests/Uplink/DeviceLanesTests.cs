using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Uplink;

public sealed class DeviceLanesTests : IDisposable
{
    private static readonly DeviceId A = DeviceId.Parse("a");
    private static readonly DeviceId B = DeviceId.Parse("b");

    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _open = new();
    private readonly ConcurrentQueue<(DeviceId Device, int Batch)> _done = [];
    private readonly DeviceLanes _lanes;

    public DeviceLanesTests() => _lanes = new(
        new() { MaxInFlightBytes = 3000, MaxInFlightBytesPerDevice = 2000, Patience = TimeSpan.FromSeconds(5) }, _clock, async (device, batch, stopped) =>
        {
            if (device == A)
            {
                await _open.Task.WaitAsync(stopped);
            }

            _done.Enqueue((device, batch.Count));
        });

    [Fact]
    public async Task A_device_whose_lane_is_full_waits_and_another_does_not()
    {
        Assert.True(await _lanes.AddAsync(Message(A, 1000), wait: true));
        var held = _lanes.AddAsync(Message(A, 1000), wait: true);
        Assert.False(held.IsCompleted);
        Assert.False(await _lanes.AddAsync(Message(A, 1000), wait: false));

        Assert.True(await _lanes.AddAsync(Message(B, 100), wait: true));
        await Wait.UntilAsync(() => _done.Contains((B, 1)));
        Assert.False(held.IsCompleted);

        _open.SetResult();
        Assert.True(await held);
        await Wait.UntilAsync(() => _lanes is { HeldBytes: 0, Messages: 0 });
        Assert.Equal(2, _done.Count(done => done.Device == A));
    }

    [Fact]
    public async Task What_finds_no_room_within_the_patience_is_not_taken()
    {
        Assert.True(await _lanes.AddAsync(Message(A, 1400), wait: true));
        var held = _lanes.AddAsync(Message(A, 1400), wait: true);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(await held);
        _open.SetResult();
        await Wait.UntilAsync(() => _lanes.HeldBytes == 0);
    }

    [Fact]
    public async Task A_status_waits_for_as_long_as_it_takes()
    {
        Assert.True(await _lanes.AddAsync(Message(A, 1400), wait: true));
        var status = _lanes.AddAsync(Message(A, 1400) with { Subject = UpSubject.Status }, wait: true);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(status.IsCompleted);
        _open.SetResult();
        Assert.True(await status);
    }

    [Fact]
    public async Task All_devices_together_never_hold_more_than_the_bound()
    {
        _open.SetResult();
        await Parallel.ForEachAsync(Enumerable.Range(0, 500), TestContext.Current.CancellationToken, async (i, _) =>
            Assert.True(await _lanes.AddAsync(Message(DeviceId.Parse($"d{i % 50}"), 700), wait: true)));
        await Wait.UntilAsync(() => _lanes is { HeldBytes: 0, Messages: 0 });
        Assert.Equal(500, _done.Sum(done => done.Batch));
        Assert.InRange(_lanes.PeakBytes, 1, 3000);
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken()
    {
        _lanes.Stop();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _lanes.AddAsync(Message(B, 1), wait: true));
    }

    public void Dispose() => _lanes.Dispose();

    private static UplinkMessage Message(DeviceId device, int payload) => new(device, UpSubject.Telemetry, new byte[payload], 0, () => Task.CompletedTask);
}
