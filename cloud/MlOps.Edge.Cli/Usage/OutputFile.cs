namespace MlOps.Edge.Cli.Usage;

/// <summary>
/// Where a verb writes what it fetched. A regular file appears when it is complete, and none is overwritten unasked; devices, FIFOs and
/// the standard output are written to as they are; a link stays, and its target is what is written.
/// </summary>
internal sealed class OutputFile
{
    private const string Dash = "-";

    // A shell may have put a regular file behind these, which is not to be replaced either.
    private static readonly string[] StandardOutputs = [Dash, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    private readonly string _path;
    private readonly string _option;
    private readonly bool _force;
    private readonly Func<Stream> _standardOutput;

    /// <summary>The file that appears; null: the path is written to directly.</summary>
    private readonly string? _target;

    /// <param name="path">As the user wrote it.</param>
    /// <param name="option">The option that named it.</param>
    /// <param name="force">A file that is there may be overwritten.</param>
    /// <param name="standardOutput">Opens it, for bytes.</param>
    /// <exception cref="CliException">It cannot be written to, or must not be.</exception>
    public OutputFile(string path, string option, bool force, Func<Stream> standardOutput)
    {
        (_path, _option, _force, _standardOutput) = (path, option, force, standardOutput);
        if (path.Length == 0)
        {
            throw new CliException(ExitCode.Usage, $"{option} is empty; name a file, or {Dash} for the standard output.");
        }

        IsStandardOutput = StandardOutputs.Contains(path);
        _target = IsStandardOutput || UnixFile.IsSpecial(path) ? null : Writable();
    }

    /// <summary>The answer itself is on the standard output; what is said of it belongs on the standard error.</summary>
    public bool IsStandardOutput { get; }

    public string Name => IsStandardOutput ? Dash : _path;

    public string FullName => IsStandardOutput ? Dash : Path.GetFullPath(_path);

    /// <summary>Writes it. If that fails, no file appears and nothing is left.</summary>
    /// <exception cref="CliException">It cannot be written.</exception>
    public async Task<T> WriteAsync<T>(Func<Stream, Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            return _target is null ? await WriteDirectlyAsync(write, cancellationToken) : await WriteWholeAsync(_target, write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e.Message.TrimEnd('.'));
        }
    }

    private async Task<T> WriteDirectlyAsync<T>(Func<Stream, Task<T>> write, CancellationToken cancellationToken)
    {
        // A FIFO opens when somebody reads it.
        await using var to = IsStandardOutput
            ? _standardOutput()
            : await Task.Run(() => new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), cancellationToken).WaitAsync(cancellationToken);
        var result = await write(to);
        await to.FlushAsync(cancellationToken);
        return result;
    }

    private async Task<T> WriteWholeAsync<T>(string target, Func<Stream, Task<T>> write)
    {
        var part = Path.Combine(Path.GetDirectoryName(target)!, $".mlops-{Path.GetRandomFileName()}.part");
        var to = new FileStream(part, FileMode.CreateNew, FileAccess.Write);
        try
        {
            T result;
            await using (to)
            {
                result = await write(to);
                to.Flush(flushToDisk: true);
            }

            Appear(part, target);
            return result;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    private void Appear(string part, string target)
    {
        if (_force && !OperatingSystem.IsWindows() && File.Exists(target))
        {
            // Who may read the old one may read the new one, and nobody else.
            File.SetUnixFileMode(part, File.GetUnixFileMode(target));
        }

        try
        {
            File.Move(part, target, _force);
        }
        catch (IOException) when (!_force && File.Exists(target))
        {
            // It came while this one was written.
            throw Taken();
        }
    }

    /// <returns>The regular file behind the path, in full, whether it is there or not.</returns>
    private string Writable()
    {
        if (Directory.Exists(_path) || Path.EndsInDirectorySeparator(_path))
        {
            throw new CliException(ExitCode.Failure, $"'{_path}' is a folder; name a file in it with {_option}.");
        }

        var target = Path.GetFullPath(Followed());
        var folder = Path.GetDirectoryName(target);
        if (!Directory.Exists(folder))
        {
            throw Unwritable($"there is no folder '{folder}'");
        }

        return File.Exists(target) && !_force ? throw Taken() : target;
    }

    private string Followed()
    {
        try
        {
            return new FileInfo(_path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : _path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e.Message.TrimEnd('.'));
        }
    }

    private CliException Unwritable(string why) => new(ExitCode.Failure, $"'{Name}' cannot be written ({why}); choose another with {_option}.");

    private CliException Taken() => new(ExitCode.Conflict, $"'{_path}' is there already; choose another name, or --force.");
}
