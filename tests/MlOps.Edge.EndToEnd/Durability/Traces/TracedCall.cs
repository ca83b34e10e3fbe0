namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>A system call that succeeded, as strace saw it.</summary>
/// <param name="Name">Of the call.</param>
/// <param name="File">What the call's first descriptor is: a path, or <c>socket:[inode]</c>; the current folder where a path is the argument.</param>
/// <param name="Texts">Its strings and buffers.</param>
/// <param name="Rest">The arguments after the last of those.</param>
/// <param name="Result">What it returned.</param>
/// <param name="Begun">The line on which it was entered, counted over all logs of a recording.</param>
/// <param name="Ended">The line on which it returned; <see cref="Never"/>: the process was killed in it.</param>
internal sealed record TracedCall(string Name, string File, IReadOnlyList<byte[]> Texts, string Rest, long Result, long Begun, long Ended)
{
    public const long Never = long.MaxValue;

    /// <summary>The last argument, a number.</summary>
    public long LastNumber => long.Parse(Rest[(Rest.LastIndexOf(',') + 1)..].Trim(), null);

    /// <summary>The buffers one after the other, as many bytes as the call took or gave.</summary>
    public ReadOnlyMemory<byte> Data => (Texts is [var one] ? one : [.. Texts.SelectMany(text => text)]).AsMemory(0, (int)Result);

    /// <summary>The whole path that an argument names.</summary>
    public string PathOf(int text) => Path.GetFullPath(System.Text.Encoding.UTF8.GetString(Texts[text]), Path.IsPathRooted(File) ? File : "/");
}
