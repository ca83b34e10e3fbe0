namespace MlOps.Edge.EndToEnd.Durability.Disks;

/// <summary>A write to a file, or a new length for it.</summary>
/// <param name="Data">Null: the file is <paramref name="Offset"/> bytes long from now on.</param>
/// <param name="Ended">The moment at which it was done.</param>
internal sealed record FileChange(long Offset, ReadOnlyMemory<byte>? Data, long Ended)
{
    /// <summary>The length of a file of a given length, after the change.</summary>
    public long LengthAfter(long length) => Data is { } data ? Math.Max(length, Offset + data.Length) : Offset;
}
