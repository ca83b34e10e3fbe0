namespace MlOps.Edge.Cli.Usage;

/// <summary>Files that the user names. What is wrong with them comes out as one line.</summary>
internal static class LocalFile
{
    public static FileStream OpenRead(string path)
    {
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

    /// <summary>Writes a file, and leaves none if that fails.</summary>
    public static async Task<T> WriteAsync<T>(string path, Func<FileStream, Task<T>> write)
    {
        try
        {
            await using var file = File.Create(path);
            var result = await write(file);
            file.Flush(flushToDisk: true);
            return result;
        }
        catch (Exception e)
        {
            File.Delete(path);
            throw e is UnauthorizedAccessException or DirectoryNotFoundException or IOException ? new CliException(ExitCode.Failure, $"'{path}' cannot be written: {e.Message}") : e;
        }
    }
}
