using System.Diagnostics.CodeAnalysis;

namespace MlOps.Edge.Contracts;

/// <summary>A device's name: one whole MQTT topic level and one grain key.</summary>
public readonly record struct DeviceId : IParsable<DeviceId>
{
    private readonly string? _value;

    private DeviceId(string value) => _value = value;

    /// <exception cref="FormatException">The text is not a device id; the message states the rule.</exception>
    public static DeviceId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not a device id ({Slug.Rule}).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DeviceId result)
    {
        var valid = s is not null && Slug.IsValid(s);
        result = valid ? new DeviceId(s!) : default;
        return valid;
    }

    public override string ToString() => _value ?? "";
}
