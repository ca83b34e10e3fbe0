namespace MlOps.Edge.EndToEnd.Durability.Disks;

/// <summary>A file: what of it is on the disk for certain, and the changes since, which may be there or not.</summary>
internal sealed class DiskFile(byte[] content)
{
    private const int Sector = 512;
    private readonly List<FileChange> _changes = [];
    private byte[] _synced = content;
    private byte[]? _written;

    /// <summary>Whether a power cut could take something.</summary>
    public bool IsDirty => _changes.Count > 0;

    public void Change(FileChange change)
    {
        _changes.Add(change);
        _written = null;
    }

    /// <summary>What was written before that moment is on the disk.</summary>
    public void Sync(long begun)
    {
        var certain = _changes.TakeWhile(change => change.Ended < begun).Count();
        _synced = After(_synced, _changes[..certain]);
        _changes.RemoveRange(0, certain);
    }

    /// <summary>What a process reads: everything that was ever written.</summary>
    public byte[] Written => _written ??= After(_synced, _changes);

    /// <summary>What stands there after a power cut that takes all it can.</summary>
    public byte[] Synced => _synced;

    /// <summary>
    /// What stands there after a power cut: each sector as it was synced, or as it was after any of the changes since; the length likewise.
    /// </summary>
    public byte[] Torn(Random random)
    {
        if (!IsDirty)
        {
            return _synced;
        }

        var (content, reached) = (new MemoryStream(), new Dictionary<long, int>());
        content.Write(_synced);
        for (var i = 0; i < _changes.Count; i++)
        {
            if (_changes[i].Data is { } data)
            {
                WriteSectors(content, _changes[i].Offset, data.Span, sector => i < Reached(sector));
            }
        }

        content.SetLength(_changes.Take(random.Next(_changes.Count + 1)).Aggregate((long)_synced.Length, (length, change) => change.LengthAfter(length)));
        return content.ToArray();

        int Reached(long sector) => reached.TryGetValue(sector, out var through) ? through : reached[sector] = random.Next(_changes.Count + 1);
    }

    private static void WriteSectors(MemoryStream content, long offset, ReadOnlySpan<byte> data, Func<long, bool> arrives)
    {
        for (var at = 0; at < data.Length;)
        {
            var sector = (offset + at) / Sector;
            var length = (int)Math.Min(((sector + 1) * Sector) - (offset + at), data.Length - at);
            if (arrives(sector))
            {
                content.Position = offset + at;
                content.Write(data.Slice(at, length));
            }

            at += length;
        }
    }

    private static byte[] After(byte[] content, List<FileChange> changes)
    {
        if (changes.Count == 0)
        {
            return content;
        }

        var file = new MemoryStream();
        file.Write(content);
        foreach (var change in changes)
        {
            if (change.Data is not { } data)
            {
                file.SetLength(change.Offset);
                continue;
            }

            file.Position = change.Offset;
            file.Write(data.Span);
        }

        return file.ToArray();
    }
}
