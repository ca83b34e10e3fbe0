using MlOps.Edge.Agent;

namespace MlOps.Edge.Simulator.Recorded;

/// <summary>A data file cannot be used. The message is one line for the user: file, line, what is wrong, the way out.</summary>
internal sealed class RecordingException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the process ends with. Default: <see cref="ExitCode.Usage"/>, the file is wrong.</summary>
    public int EndsWith { get; init; } = ExitCode.Usage;

    public static RecordingException At(string file, int line, string wrong, string wayOut) => new($"{file}, line {line}: {wrong}; {wayOut}");
}
