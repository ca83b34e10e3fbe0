using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Gateway.Limits;

namespace MlOps.Edge.Gateway.Tests.Limits;

public sealed class WaitingRoomTests
{
    [Fact]
    public async Task Who_waits_is_let_go_after_a_while_and_who_finds_no_place_at_once()
    {
        var clock = new FakeTimeProvider();
        var room = new WaitingRoom(clock);
        Task<bool>[] waiting = [.. Enumerable.Range(0, WaitingRoom.Places).Select(_ => room.WaitAsync())];
        Assert.False(await room.WaitAsync());
        Assert.DoesNotContain(waiting, one => one.IsCompleted);

        clock.Advance(WaitingRoom.Time);
        Assert.DoesNotContain(false, await Task.WhenAll(waiting));
        Assert.False(room.WaitAsync().IsCompleted);
    }
}
