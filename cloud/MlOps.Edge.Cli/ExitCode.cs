namespace MlOps.Edge.Cli;

/// <summary>What scripts can tell apart. Documented in docs/cli.md.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Auth = 4;
    public const int Conflict = 5;

    /// <summary>What was waited for ended badly.</summary>
    public const int WaitedFailed = 6;
    public const int Timeout = 7;
}

/// <summary>An end that the user is told in one line. Never carries a stack trace out.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
