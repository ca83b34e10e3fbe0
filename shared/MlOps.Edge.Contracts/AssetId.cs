using System.Diagnostics.CodeAnalysis;

namespace MlOps.Edge.Contracts;

/// <summary>The name of a machine that a device watches. It outlives the device, and each installation in its place.</summary>
public readonly record struct AssetId : IParsable<AssetId>
{
    private readonly string? _value;

    private AssetId(string value) => _value = value;

    /// <exception cref="FormatException">The text is not an asset id; the message states the rule.</exception>
    public static AssetId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not an asset id ({Slug.Rule}).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AssetId result)
    {
        var valid = s is not null && Slug.IsValid(s);
        result = valid ? new AssetId(s!) : default;
        return valid;
    }

    public override string ToString() => _value ?? "";
}
