using System.Buffers;

namespace MlOps.Edge.Contracts;

/// <summary>The one rule for names that become an MQTT topic level, a grain key or a path: <c>[a-z0-9][a-z0-9_-]{0,63}</c>.</summary>
internal static class Slug
{
    public const string Rule = "lower-case letters, digits, '-' and '_', at most 64, beginning with a letter or digit";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsValid(ReadOnlySpan<char> s) =>
        s.Length is > 0 and <= 64 && s[0] is not ('-' or '_') && !s.ContainsAnyExcept(Allowed);
}
