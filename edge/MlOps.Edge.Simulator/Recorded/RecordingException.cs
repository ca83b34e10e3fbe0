namespace MlOps.Edge.Simulator.Recorded;

/// <summary>A data file cannot be used. The message is one line for the user: file, line, what is wrong, the way out.</summary>
internal sealed class RecordingException(string message, Exception? cause = null) : Exception(message, cause)
{
    public static RecordingException At(string file, int line, string wrong, string wayOut) => new($"{file}, line {line}: {wrong}; {wayOut}");
}
