using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using MlOps.Edge.Words;

namespace MlOps.Edge.Host;

/// <summary>Settings that do not do, named by their keys and in plain words: the libraries name classes and types of ours.</summary>
internal static partial class SettingFaults
{
    /// <summary>All of them in one line.</summary>
    public static string Explain(OptionsValidationException error)
    {
        var section = error.OptionsType.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string;
        return string.Join(" ", error.Failures.Select(failure => section is null ? failure : OutOfRange().Replace(failure, match => $"{section}:{match.Groups["member"].Value.Replace('.', ':')} {match.Groups["rule"].Value}")));
    }

    /// <summary>A value that is not of the setting's type; null: it is something else.</summary>
    public static string? Explain(InvalidOperationException error) => ExpectedValue.InSettings(error.Message);

    // "Port: The field GatewayOptions.Broker.Port must be between 1 and 65535."; "Host: The GatewayOptions.Host field is required."
    [GeneratedRegex(@"^[\w.]+: The (field )?\w+\.(?<member>\S+) (field )?(?<rule>(must|is) .*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex OutOfRange();
}
