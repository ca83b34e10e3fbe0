using System.Globalization;

namespace MlOps.Edge.Cli.Cloud;

/// <summary>Builds a path of the API: whatever a user types stays one segment, or one value.</summary>
internal static class Route
{
    public static string To(FormattableString path) =>
        string.Format(CultureInfo.InvariantCulture, path.Format, [.. path.GetArguments().Select(a => Uri.EscapeDataString(Convert.ToString(a, CultureInfo.InvariantCulture) ?? ""))]);

    /// <summary>Values that are null are left out.</summary>
    public static string WithQuery(this string path, params (string Name, string? Value)[] query)
    {
        var given = query.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}").ToArray();
        return given.Length == 0 ? path : $"{path}?{string.Join('&', given)}";
    }
}
