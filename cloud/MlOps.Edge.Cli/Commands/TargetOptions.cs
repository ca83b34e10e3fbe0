using System.CommandLine;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

/// <summary>Into which file: the same rules for every verb that writes one.</summary>
internal sealed class TargetOptions(string name, string description)
{
    private readonly Option<string?> _file = new(name) { Description = $"{description} It appears when it is complete; - is the standard output.", HelpName = "file" };
    private readonly Option<bool> _force = new("--force") { Description = "Write over a file that is there." };

    public void AddTo(Command verb, bool required)
    {
        _file.Required = required;
        verb.Add(_file);
        verb.Add(_force);
    }

    /// <returns>Null: none is named.</returns>
    /// <exception cref="CliException">It cannot be written to, or must not be; so ask before anything is fetched.</exception>
    public OutputFile? Of(ParseResult parsed, MlOpsCli cli) =>
        parsed.GetValue(_file) is { } path ? new(path, name, parsed.GetValue(_force), cli.OpenStandardOutput) : null;
}
