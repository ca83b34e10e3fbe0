using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MlOps.Edge.Contracts;

/// <summary>
/// One installation of one asset: the thing that wears out. Written <c>asset#installation</c>.
/// A replacement starts a new installation epoch, and no window, label or lineage ever straddles two.
/// </summary>
public readonly record struct UnitRef(AssetId Asset, int Installation) : IParsable<UnitRef>, IComparable<UnitRef>
{
    public static UnitRef Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var unit) ? unit : throw new FormatException($"'{s}' is not a unit (asset#installation, e.g. pump-07#2).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UnitRef result)
    {
        result = default;
        var hash = s?.IndexOf('#') ?? -1;
        if (hash < 0 || !AssetId.TryParse(s![..hash], provider, out var asset)
            || !int.TryParse(s.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var installation))
        {
            return false;
        }

        result = new(asset, installation);
        return true;
    }

    public int CompareTo(UnitRef other)
    {
        var byAsset = string.CompareOrdinal(Asset.ToString(), other.Asset.ToString());
        return byAsset != 0 ? byAsset : Installation.CompareTo(other.Installation);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Asset}#{Installation}");

    public static bool operator <(UnitRef a, UnitRef b) => a.CompareTo(b) < 0;
    public static bool operator >(UnitRef a, UnitRef b) => a.CompareTo(b) > 0;
    public static bool operator <=(UnitRef a, UnitRef b) => a.CompareTo(b) <= 0;
    public static bool operator >=(UnitRef a, UnitRef b) => a.CompareTo(b) >= 0;
}
