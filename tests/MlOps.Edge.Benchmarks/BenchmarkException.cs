namespace MlOps.Edge.Benchmarks;

/// <summary>A benchmark cannot run, or what it measured is not right: one line that says what and how to go on.</summary>
internal sealed class BenchmarkException(string message, int exitCode = 1) : Exception(message)
{
    public const int Usage = 2;

    public int ExitCode { get; } = exitCode;
}
