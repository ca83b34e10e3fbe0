using MlOps.Edge.Benchmarks.Peers;

namespace MlOps.Edge.Benchmarks;

/// <summary>Runs a benchmark; what is wrong with it or with what it measured is one line and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task> benchmark)
    {
        try
        {
            await benchmark();
            return 0;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("The benchmark was stopped."); // Ctrl+C
            return 1;
        }
        catch (BenchmarkException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
        catch (PeerSkippedException e)
        {
            await Console.Error.WriteLineAsync($"skipped: {e.Message}");
            return 1;
        }
    }
}
