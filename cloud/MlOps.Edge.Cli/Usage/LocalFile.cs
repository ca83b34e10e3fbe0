namespace MlOps.Edge.Cli.Usage;

/// <summary>Files that the user names. What is wrong with them comes out as one line.</summary>
internal static class LocalFile
{
    public static FileStream OpenRead(string path)
    {
        if (path.Length == 0)
        {
            throw new CliException(ExitCode.Usage, "the file's name is empty; name the file to read.");
        }

        // Opening one would only say that access is denied.
        if (Directory.Exists(path))
        {
            throw new CliException(ExitCode.Failure, $"'{path}' is a folder; name the file to read.");
        }

        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, $"there is no file '{path}'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failure, $"'{path}' cannot be read: {e.Message}");
        }
    }
}
