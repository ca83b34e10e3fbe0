using System.Globalization;
using System.Text;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>Reads what <c>strace -f -y -xx -ttt</c> has written: a line for each call, or two where another thread's came in between.</summary>
internal sealed class TraceReader
{
    private const string Unfinished = " <unfinished ...>";
    private const string Resumed = " resumed>";
    private const string Killed = ") = ?";
    private readonly Dictionary<string, (string Line, long Begun)> _open = [];
    private long _line;

    /// <summary>The calls of a log in the order in which they ended, and after them those that a kill cut short.</summary>
    public IEnumerable<TracedCall> Read(TextReader log)
    {
        while (log.ReadLine() is { } line)
        {
            _line++;
            if (Whole(line) is var (text, begun) && Parse(text, begun, _line) is { } call)
            {
                yield return call;
            }
        }

        foreach (var (text, begun) in _open.Values.OrderBy(open => open.Begun))
        {
            if (Parse(text + ") = 0", begun, TracedCall.Never) is { } call)
            {
                yield return call;
            }
        }

        _open.Clear();
    }

    // "1234 1700000000.123456 name(arguments) = result", without the first two words.
    private (string Text, long Begun)? Whole(string line)
    {
        // The thread's number is padded.
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        var (thread, text) = (words[0], words[2]);
        if (text.StartsWith("+++", StringComparison.Ordinal) || text.StartsWith("---", StringComparison.Ordinal))
        {
            return null;
        }

        if (text.EndsWith(Unfinished, StringComparison.Ordinal))
        {
            _open[thread] = (text[..^Unfinished.Length], _line);
            return null;
        }

        var begun = _line;
        if (text.StartsWith("<... ", StringComparison.Ordinal))
        {
            if (!_open.Remove(thread, out var open))
            {
                return null;
            }

            (text, begun) = (open.Line + text[(text.IndexOf(Resumed, StringComparison.Ordinal) + Resumed.Length)..], open.Begun);
        }

        if (text.EndsWith(Killed, StringComparison.Ordinal))
        {
            _open[thread] = (text[..^Killed.Length], begun);
            return null;
        }

        return (text, begun);
    }

    // Everything between quotes and angle brackets is hexadecimal, so that no other character means anything but itself.
    private static TracedCall? Parse(string text, long begun, long ended)
    {
        var (start, end) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(") = ", StringComparison.Ordinal));
        if (start < 0 || end < 0 || !TryResult(text.AsSpan(end + 4), out var result) || result < 0)
        {
            return null;
        }

        var (file, texts, last) = ("", new List<byte[]>(), start);
        for (var i = start + 1; i < end; i++)
        {
            if (text[i] is not ('"' or '<'))
            {
                continue;
            }

            var closing = text.IndexOf(text[i] == '"' ? '"' : '>', i + 1);
            var bytes = Decode(text.AsSpan(i + 1, closing - i - 1));
            if (text[i] == '"')
            {
                texts.Add(bytes);
            }
            else if (file.Length == 0)
            {
                file = Encoding.UTF8.GetString(bytes);
            }

            i = last = closing;
        }

        return new(text[..start], file, texts, text[(last + 1)..end], result, begun, ended);
    }

    private static bool TryResult(ReadOnlySpan<char> text, out long result)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || (length == 0 && text[length] == '-')))
        {
            length++;
        }

        return long.TryParse(text[..length], CultureInfo.InvariantCulture, out result);
    }

    // Four characters a byte: \x2f.
    private static byte[] Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 != 0)
        {
            throw new FormatException($"'{text}' is not hexadecimal: the log was not written with -xx, or is cut off.");
        }

        var bytes = new byte[text.Length / 4];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((Digit(text[(4 * i) + 2]) << 4) | Digit(text[(4 * i) + 3]));
        }

        return bytes;
    }

    private static int Digit(char digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
