using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability.Disks;

/// <summary>
/// A folder as a disk has it, followed through a recording: names and contents that were synced are there after a power cut; those since the
/// last sync may be. A name is certain once its folder was synced after it was given, whatever became of the file's own contents.
/// </summary>
internal sealed class Disk
{
    private readonly string _root;
    private readonly IReadOnlyList<TracedCall> _calls;
    private readonly List<NameChange> _pending = [];
    private Dictionary<string, DiskFile?> _names;
    private Dictionary<string, DiskFile?> _certain;
    private int _next;

    /// <param name="root">The folder that is followed. What stands in it before the recording is on the disk for certain.</param>
    /// <param name="before">Its files as the recording began, by whole path; null for a folder.</param>
    public Disk(string root, Recording recording, IReadOnlyDictionary<string, byte[]?> before)
    {
        _root = root;
        _calls = recording.Calls;
        _certain = before.ToDictionary(file => file.Key, file => file.Value is { } content ? new DiskFile(content) : null);
        _certain[root] = null;
        _names = new(_certain);
    }

    /// <summary>The files and folders below a folder, as <see cref="Disk(string, Recording, IReadOnlyDictionary{string, byte[]})"/> takes them.</summary>
    public static Dictionary<string, byte[]?> Look(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).ToDictionary(path => path, path => Directory.Exists(path) ? null : File.ReadAllBytes(path));

    /// <summary>Goes on to a moment. Only forwards.</summary>
    public void GoTo(long moment)
    {
        while (_next < _calls.Count && (_calls[_next].Ended < moment || (_calls[_next].Ended == TracedCall.Never && _calls[_next].Begun < moment)))
        {
            Follow(_calls[_next++]);
        }
    }

    /// <summary>What every process would read now.</summary>
    public IEnumerable<(string Path, byte[]? Content)> Written() => Reachable(_names).Select(name => (name.Key, name.Value?.Written));

    /// <summary>What a power cut leaves that takes all it can.</summary>
    public IEnumerable<(string Path, byte[]? Content)> Synced() => Reachable(_certain).Select(name => (name.Key, name.Value?.Synced));

    /// <summary>What a power cut leaves: of the changes since the last sync any part.</summary>
    public IEnumerable<(string Path, byte[]? Content)> Torn(Random random)
    {
        var names = new Dictionary<string, DiskFile?>(_certain);
        foreach (var change in _pending.Where(_ => random.Next(2) == 0))
        {
            change.Do(names);
        }

        return Reachable(names).Select(name => (name.Key, name.Value?.Torn(random)));
    }

    private void Follow(TracedCall call)
    {
        switch (call.Name)
        {
            case "openat" or "open" or "creat" when call.Texts is [_] && Within(call.PathOf(0)):
                Open(call.PathOf(0), call);
                break;
            case "mkdir" or "mkdirat" when Within(call.PathOf(0)):
                Name(new(call.PathOf(0), null));
                break;
            case "pwrite64" when Find(call.File) is { } file:
                file.Change(new(call.LastNumber, call.Data, call.Ended));
                break;
            case "ftruncate" when Find(call.File) is { } file:
                file.Change(new(call.LastNumber, null, call.Ended));
                break;
            case "fsync" or "fdatasync" when Within(call.File) || call.File == _root:
                Sync(call);
                break;
            case "rename" when Within(call.PathOf(0)) || Within(call.PathOf(1)):
                Rename(call.PathOf(0), call.PathOf(1));
                break;
            case "link" when Within(call.PathOf(1)):
                Name(new(call.PathOf(1), _names[call.PathOf(0)]));
                break;
            case "unlink" or "rmdir" when Within(call.PathOf(0)):
                Name(new(call.PathOf(0), null, Gone: true));
                break;
            case "fallocate" when call.Rest.Contains("KEEP_SIZE", StringComparison.Ordinal):
                break; // room on the disk, no content
            case "sendto" or "sendmsg" or "recvfrom" or "recvmsg":
                break;
            default:
                Refuse(call);
                break;
        }
    }

    private void Open(string path, TracedCall call)
    {
        if (call.Rest.Contains("O_CREAT", StringComparison.Ordinal) && !_names.ContainsKey(path))
        {
            Name(new(path, new([])));
        }
        else if (call.Rest.Contains("O_TRUNC", StringComparison.Ordinal) && Find(path) is { } file)
        {
            file.Change(new(0, null, call.Ended));
        }
    }

    // A rename is one change: never is the file under both names, or neither.
    private void Rename(string from, string to)
    {
        if (Path.GetDirectoryName(from) != Path.GetDirectoryName(to))
        {
            throw new NotSupportedException($"'{from}' is moved to another folder ('{to}'): whose sync makes that certain, this model does not know.");
        }

        Name(new(to, _names[from], From: from));
    }

    private void Name(NameChange change)
    {
        change.Do(_names);
        _pending.Add(change);
    }

    private void Sync(TracedCall call)
    {
        if (call.Ended == TracedCall.Never || !_names.TryGetValue(call.File, out var file))
        {
            return; // the process was killed in it, or the file deleted
        }

        if (file is not null)
        {
            file.Sync(call.Begun);
            return;
        }

        foreach (var change in _pending.Where(change => change.Folder == call.File))
        {
            change.Do(_certain);
        }

        _pending.RemoveAll(change => change.Folder == call.File);
    }

    // Anything else that reaches a file of the folder would make a disk of this that never was.
    private void Refuse(TracedCall call)
    {
        if (Within(call.File) || (call.Name is not ("openat" or "open" or "creat") && call.Texts.Any(text => Within(System.Text.Encoding.UTF8.GetString(text)))))
        {
            throw new NotSupportedException($"'{call.Name}' reaches '{call.File}' in a way that this model does not know.");
        }
    }

    private DiskFile? Find(string path) => _names.GetValueOrDefault(path);

    private bool Within(string path) => path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // A file is lost with any folder above it.
    private IEnumerable<KeyValuePair<string, DiskFile?>> Reachable(Dictionary<string, DiskFile?> names) =>
        names.Where(name => name.Key != _root && IsThere(Path.GetDirectoryName(name.Key)!, names)).OrderBy(name => name.Key, StringComparer.Ordinal);

    private bool IsThere(string folder, Dictionary<string, DiskFile?> names) => folder == _root || (names.ContainsKey(folder) && IsThere(Path.GetDirectoryName(folder)!, names));

    private sealed record NameChange(string Path, DiskFile? File, string? From = null, bool Gone = false)
    {
        public string Folder => System.IO.Path.GetDirectoryName(Path)!;

        public void Do(Dictionary<string, DiskFile?> names)
        {
            if (From is not null)
            {
                names.Remove(From);
            }

            if (Gone)
            {
                names.Remove(Path);
            }
            else
            {
                names[Path] = File;
            }
        }
    }
}
