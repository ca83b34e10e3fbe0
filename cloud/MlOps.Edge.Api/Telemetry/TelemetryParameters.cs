using System.Text.Json;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Telemetry;

/// <summary>Which units and channels, as a query string says it. Lists are separated by commas.</summary>
/// <param name="Device">Device ids.</param>
/// <param name="Asset">Assets, or installations of them: <c>asset#installation</c>, with <c>%23</c> for the #.</param>
/// <param name="Group">Of the device.</param>
/// <param name="Channels">None: all.</param>
internal sealed record UnitParameters(string? Device = null, string? Asset = null, string? Group = null, string? MachineKind = null, string? Channels = null)
{
    /// <exception cref="InvalidQueryException">One cannot be read.</exception>
    public UnitSelector Selector() => new()
    {
        Devices = [.. Text.List(Device).Select(d => Text.Parse<DeviceId>("device", d))],
        Assets = [.. Text.List(Asset).Select(a => Text.Parse<UnitSet>("asset", a))],
        Group = Group,
        MachineKind = MachineKind,
    };

    public IReadOnlyList<string> ChannelNames() => Text.List(Channels);
}

/// <param name="From">See <see cref="QueryTime"/>.</param>
internal sealed record SpanParameters(string? From = null, string? To = null)
{
    /// <exception cref="InvalidQueryException">It cannot be read.</exception>
    public QueryTime? First() => From is null ? null : Text.Parse<QueryTime>("from", From);

    /// <exception cref="InvalidQueryException">It cannot be read.</exception>
    public QueryTime? End() => To is null ? null : Text.Parse<QueryTime>("to", To);
}

internal static class Text
{
    public static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    public static T Parse<T>(string parameter, string text)
        where T : IParsable<T>
    {
        try
        {
            return T.Parse(text, null);
        }
        catch (FormatException e)
        {
            throw new InvalidQueryException(parameter, e.Message);
        }
    }

    /// <summary>One of the words of an enumeration, as the API writes them.</summary>
    public static T Word<T>(string parameter, string text)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (Word(value) == text)
            {
                return value;
            }
        }

        throw new InvalidQueryException(parameter, $"expected one of {string.Join(", ", Enum.GetValues<T>().Select(Word))}, not '{text}'");
    }

    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
