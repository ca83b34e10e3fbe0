using System.CommandLine;

namespace MlOps.Edge.Cli.Usage;

/// <summary>A noun: it only has verbs.</summary>
internal sealed class Noun(string name, string description) : Command(name, description);

/// <summary>A verb, with examples that its help ends with.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>It can also answer with <c>-o csv</c>.</summary>
    public bool HasCsv { get; init; }
}
