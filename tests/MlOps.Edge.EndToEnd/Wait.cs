namespace MlOps.Edge.EndToEnd;

/// <summary>Waits for a condition, never for a time.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <param name="what">For the message when it does not come.</param>
    public static async Task<T> ForAsync<T>(string what, Func<Task<T?>> find)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (true)
        {
            if (await find() is { } found)
            {
                return found;
            }

            try
            {
                await Task.Delay(Poll, TimeProvider.System, limit.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Within {Limit.TotalSeconds:0} s it did not come about that {what}.");
            }
        }
    }

    public static Task UntilAsync(string what, Func<Task<bool>> condition) => ForAsync(what, async () => await condition() ? "yes" : null);

    public static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));
}
