namespace MlOps.Edge.Cloud.Training.Runs;

/// <summary>Seconds of computing on a thread of its own: neither a grain's turn nor a thread of the pool may wait for it.</summary>
internal static class TrainingThread
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
