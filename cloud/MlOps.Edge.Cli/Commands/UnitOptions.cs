using System.CommandLine;

namespace MlOps.Edge.Cli.Commands;

/// <summary>Which units and channels: the same words for every verb about readings.</summary>
internal sealed class UnitOptions
{
    private readonly Argument<string[]> _assets = new("asset") { Description = "Assets, or installations of them (pump-07#2). None: all.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _devices = new("--device") { Description = "Only what these devices read, separated by commas.", HelpName = "ids" };
    private readonly Option<string?> _group = new("--group") { Description = "Only devices of this group.", HelpName = "group" };
    private readonly Option<string?> _kind = new("--machine-kind") { Description = "Only this kind of machine.", HelpName = "kind" };
    private readonly Option<string?> _channels = new("--channels") { Description = "Only these channels, separated by commas. Default: all.", HelpName = "names" };

    public UnitOptions()
    {
        // To the cloud a list of nothing is all: not what someone means who names some.
        NeedsOne(_devices, "edge-07,edge-08");
        NeedsOne(_channels, "vibration_rms,speed");
    }

    /// <param name="withChannels">The verb is about values.</param>
    public void AddTo(Command verb, bool withChannels = true)
    {
        verb.Add(_assets);
        foreach (var option in withChannels ? (Option[])[_devices, _group, _kind, _channels] : [_devices, _group, _kind])
        {
            verb.Add(option);
        }
    }

    public (string Name, string? Value)[] Query(ParseResult parsed) =>
    [
        ("asset", parsed.GetValue(_assets) is { Length: > 0 } assets ? string.Join(',', assets) : null), ("device", parsed.GetValue(_devices)),
        ("group", parsed.GetValue(_group)), ("machineKind", parsed.GetValue(_kind)),
        ("channels", parsed.CommandResult.Command.Options.Contains(_channels) ? parsed.GetValue(_channels) : null),
    ];

    private static void NeedsOne(Option<string?> list, string example) => list.Validators.Add(result =>
    {
        if (result.Tokens is [{ Value: var text }] && text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length == 0)
        {
            result.AddError($"{list.Name} names none in '{text}'; it is a list such as {example}.");
        }
    });
}

/// <summary>From when to when.</summary>
internal sealed class SpanOptions(string otherwise)
{
    private readonly Option<string?> _from = new("--from")
    {
        Description = $"Included: 2026-11-23T06:30:00Z, or counted from now (-1h, now-2d) or from the newest reading (last-1h). Default: {otherwise}.",
        HelpName = "time",
    };

    private readonly Option<string?> _to = new("--to") { Description = "Excluded; written alike. Default: behind the newest reading.", HelpName = "time" };

    public void AddTo(Command verb)
    {
        verb.Add(_from);
        verb.Add(_to);
    }

    public (string Name, string? Value)[] Query(ParseResult parsed) => [("from", parsed.GetValue(_from)), ("to", parsed.GetValue(_to))];
}
