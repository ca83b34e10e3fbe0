using MlOps.Edge.Agent;

namespace MlOps.Edge.Simulator.Recorded;

internal static class Lines
{
    /// <summary>The lines of a text file that are not blank, with their numbers from 1.</summary>
    /// <exception cref="RecordingException">The file is not there or cannot be read.</exception>
    public static IReadOnlyList<(string Text, int Number)> Of(string path, string wayOut)
    {
        try
        {
            return [.. File.ReadLines(path).Select((text, index) => (text, index + 1)).Where(line => !string.IsNullOrWhiteSpace(line.text))];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RecordingException($"{path}: there is no such file; {wayOut}", e) { EndsWith = ExitCode.NotFound };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"{path}: cannot be read ({e.Message}); {wayOut}", e) { EndsWith = ExitCode.Failure };
        }
    }
}
