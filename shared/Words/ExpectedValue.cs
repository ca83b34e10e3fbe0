using System.Text.RegularExpressions;

namespace MlOps.Edge.Words;

/// <summary>
/// What a value should look like, in plain words with an example, where a library's message names a .NET type. Compiled into each
/// program that reads what people write.
/// </summary>
internal static partial class ExpectedValue
{
    /// <summary>The words for a type by its full name, e.g. <c>System.Int32</c> or <c>System.Nullable`1[System.Int32]</c>.</summary>
    public static string Of(string type) => Innermost().Match(type).Value switch
    {
        "System.Int32" or "System.Int64" or "System.UInt16" => "a whole number, e.g. 20",
        "System.Double" or "System.Single" => "a number, e.g. 0.5",
        "System.Boolean" => "true or false",
        "System.TimeSpan" => "a duration as [d.]hh:mm:ss, e.g. 00:00:05",
        "System.DateTimeOffset" => "a time as in RFC 3339, e.g. 2026-11-23T06:30:00Z",
        _ => "a value of another form",
    };

    /// <summary>Says in plain words that a configuration value cannot be read; null where the message is of something else.</summary>
    /// <param name="message">The configuration binder's: value, key and type, each in quotes.</param>
    /// <param name="name">What the user may know the key by. Default: the key.</param>
    public static string? InSettings(string message, Func<string, string>? name = null) => Unreadable().Match(message) is { Success: true, Groups: var said }
        ? $"{name?.Invoke(said["key"].Value) ?? said["key"].Value} is '{said["value"].Value}'; it must be {Of(said["type"].Value)}."
        : null;

    [GeneratedRegex(@"[\w.]+(?=\]*$)")]
    private static partial Regex Innermost();

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']*)' to type '(?<type>[^']*)'", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Unreadable();
}
