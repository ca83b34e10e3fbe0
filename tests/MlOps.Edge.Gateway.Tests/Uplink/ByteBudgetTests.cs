using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Gateway.Uplink;

namespace MlOps.Edge.Gateway.Tests.Uplink;

public class ByteBudgetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Who_finds_no_room_waits_in_line_until_enough_is_given_back()
    {
        var budget = new ByteBudget(100, _clock);
        Assert.True(await Take(budget, 90));
        var second = Take(budget, 20);
        var third = Take(budget, 5);
        Assert.False(second.IsCompleted || third.IsCompleted); // no overtaking: a large one would wait for ever

        budget.Give(90);
        Assert.True(await second);
        Assert.True(await third);
        Assert.Equal((25, 90), (budget.Held, budget.Peak));
    }

    [Fact]
    public async Task Whose_patience_ends_holds_nothing_and_lets_the_next_one_through()
    {
        var budget = new ByteBudget(100, _clock);
        Assert.True(await Take(budget, 90));
        var large = Take(budget, 50);
        var small = budget.TakeAsync(10, 2 * Patience, TestContext.Current.CancellationToken).AsTask();
        _clock.Advance(Patience);

        Assert.False(await large);
        Assert.True(await small);
        Assert.Equal(100, budget.Held);
        Assert.False(await budget.TakeAsync(1, TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_larger_than_all_comes_alone()
    {
        var budget = new ByteBudget(100, _clock);
        Assert.True(await Take(budget, 1));
        var giant = Take(budget, 1000);
        Assert.False(giant.IsCompleted);
        budget.Give(1);
        Assert.True(await giant);
        budget.Give(1000);
        Assert.Equal((0, 100), (budget.Held, budget.Peak));
    }

    [Fact]
    public async Task Who_is_told_to_stop_holds_nothing()
    {
        using var stop = new CancellationTokenSource();
        var budget = new ByteBudget(100, _clock);
        Assert.True(await Take(budget, 100));
        var waiting = budget.TakeAsync(1, Patience, stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        budget.Give(100);
        Assert.Equal(0, budget.Held);
    }

    private static Task<bool> Take(ByteBudget budget, long bytes) => budget.TakeAsync(bytes, Patience, TestContext.Current.CancellationToken).AsTask();
}
