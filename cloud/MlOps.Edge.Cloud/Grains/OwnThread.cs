namespace MlOps.Edge.Cloud.Grains;

/// <summary>Seconds of computing on a thread of their own: neither a grain's scheduler nor the pool's threads may be kept busy by them.</summary>
internal static class OwnThread
{
    public static Task<T> RunAsync<T>(string name, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        {
            Name = name,
            IsBackground = true,

            // Where the system knows it (Linux does not for ordinary threads).
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }
}
