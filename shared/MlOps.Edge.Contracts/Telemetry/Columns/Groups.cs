namespace MlOps.Edge.Contracts.Telemetry.Columns;

/// <summary>Integers in the groups that share a width; the last may be shorter.</summary>
internal ref struct Groups(Span<ulong> integers)
{
    private Span<ulong> _rest = integers;

    public Span<ulong> Current { get; private set; }

    public readonly Groups GetEnumerator() => this;

    public bool MoveNext()
    {
        Current = _rest[..Math.Min(_rest.Length, ColumnHeader.GroupSize)];
        _rest = _rest[Current.Length..];
        return Current.Length > 0;
    }
}
