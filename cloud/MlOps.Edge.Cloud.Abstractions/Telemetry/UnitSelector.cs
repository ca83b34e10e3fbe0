using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Which units. All that is given must hold; nothing given is every unit. A unit belongs to the device that read it last.</summary>
public sealed record UnitSelector
{
    /// <summary>Any of these.</summary>
    public IReadOnlyList<DeviceId> Devices { get; init; } = [];

    /// <summary>Any of these.</summary>
    public IReadOnlyList<UnitSet> Assets { get; init; } = [];

    /// <summary>Of the device.</summary>
    public string? Group { get; init; }

    public string? MachineKind { get; init; }
}

/// <summary>One installation of an asset, or all of them. Written <c>asset#installation</c> or <c>asset</c>.</summary>
/// <param name="Installation">null: all.</param>
public readonly record struct UnitSet(AssetId Asset, int? Installation) : IParsable<UnitSet>
{
    public bool Holds(UnitRef unit) => unit.Asset == Asset && (Installation ?? unit.Installation) == unit.Installation;

    /// <exception cref="FormatException">The text is neither; the message states the rule.</exception>
    public static UnitSet Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var units) ? units : throw new FormatException($"'{s}' is neither an asset nor an installation of one (e.g. pump-07 or pump-07#2; in a URL, # is %23).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UnitSet result)
    {
        if (UnitRef.TryParse(s, provider, out var unit))
        {
            result = new(unit.Asset, unit.Installation);
            return true;
        }

        result = AssetId.TryParse(s, provider, out var asset) ? new(asset, null) : default;
        return result != default;
    }

    public override string ToString() => Installation is { } one ? string.Create(CultureInfo.InvariantCulture, $"{Asset}#{one}") : Asset.ToString();
}
