using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MlOps.Edge.Api;

/// <summary>The name of something that the cloud made, such as a rollout or a training run: one path segment, at most 128 characters.</summary>
internal readonly record struct ResourceId : IParsable<ResourceId>
{
    private const string Rule = "letters, digits, '-', '_', '.' and ':', at most 128, beginning with a letter or digit";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

    private readonly string? _value;

    private ResourceId(string value) => _value = value;

    /// <exception cref="FormatException">The text is not such a name; the message states the rule.</exception>
    public static ResourceId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not an id ({Rule}).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ResourceId result)
    {
        var valid = s is { Length: > 0 and <= 128 } && char.IsAsciiLetterOrDigit(s[0]) && !s.AsSpan().ContainsAnyExcept(Allowed);
        result = valid ? new ResourceId(s!) : default;
        return valid;
    }

    public override string ToString() => _value ?? "";
}
