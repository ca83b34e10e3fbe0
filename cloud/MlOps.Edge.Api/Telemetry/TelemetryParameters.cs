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
        Devices = [.. Text.List("device", Device).Select(d => Text.Parse<DeviceId>("device", d))],
        Assets = [.. Text.List("asset", Asset).Select(a => Text.Parse<UnitSet>("asset", a))],
        Group = Group,
        MachineKind = MachineKind,
    };

    /// <exception cref="InvalidQueryException">One cannot be read.</exception>
    public IReadOnlyList<string> ChannelNames() => Text.List("channels", Channels);
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
    /// <summary>What stands between commas, without the blanks around it. Blanks that are control characters are not left out unseen.</summary>
    /// <exception cref="InvalidQueryException">It has control characters.</exception>
    public static string[] List(string parameter, string? text) => text?.Any(char.IsControl) == true
        ? throw new InvalidQueryException(parameter, "it has a control character (a line break or a tab, perhaps), which no name has")
        : text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

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
    /// <exception cref="InvalidQueryException">It is none of them.</exception>
    public static T Word<T>(string parameter, string text)
        where T : struct, Enum => Word(parameter, text, Enum.GetValues<T>());

    /// <summary>One of some words of an enumeration.</summary>
    /// <param name="hint">Put behind what is expected; empty: nothing.</param>
    /// <exception cref="InvalidQueryException">It is none of them.</exception>
    public static T Word<T>(string parameter, string text, T[] taken, string hint = "")
        where T : struct, Enum
    {
        foreach (var value in taken)
        {
            if (Word(value) == text)
            {
                return value;
            }
        }

        throw new InvalidQueryException(parameter, $"expected one of {string.Join(", ", taken.Select(Word))}, not '{text}'{hint}");
    }

    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
