namespace MlOps.Edge.Host;

/// <summary>A mistake that the person at the keyboard can mend. Shown as one line, never as a stack trace.</summary>
internal sealed class UserErrorException(string message, int exitCode = ExitCodes.Failure, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>The exit codes of every command of the product; docs/cli.md lists them all.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 3;

    /// <summary>It contradicts what stands, or another holds it.</summary>
    public const int Conflict = 5;
}
