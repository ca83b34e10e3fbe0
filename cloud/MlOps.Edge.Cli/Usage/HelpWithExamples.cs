using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MlOps.Edge.Cli.Usage;

/// <summary>The library's help, then the verb's examples; a noun shows the first of each verb's.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        string[] examples = command is Verb verb ? [.. verb.Examples] : [.. Verbs(command).Select(v => v.Examples[0])];
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine($"  {example}");
        }

        return ExitCode.Ok;
    }

    private static IEnumerable<Verb> Verbs(Command command) =>
        command.Subcommands.SelectMany(c => c is Verb verb ? [verb] : Verbs(c));
}
