namespace MlOps.Edge.Cli;

/// <summary>All that the tool touches outside itself.</summary>
internal sealed record CliEnvironment
{
    public required TextWriter Output { get; init; }
    public required TextWriter Error { get; init; }

    /// <summary>Opens what is behind <see cref="Output"/> for bytes.</summary>
    public Func<Stream> OutputBytes { get; init; } = Console.OpenStandardOutput;

    /// <summary>Columns of the terminal that <see cref="Output"/> is; null: a pipe or file.</summary>
    public int? Width { get; init; }
    public bool Colours { get; init; }
    public Func<string, string?> Variable { get; init; } = _ => null;
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static CliEnvironment OfProcess()
    {
        var terminal = !Console.IsOutputRedirected;
        return new()
        {
            Output = Console.Out,
            Error = Console.Error,
            Width = terminal ? TerminalWidth() : null,

            // https://no-color.org: set and not empty.
            Colours = terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
            Variable = Environment.GetEnvironmentVariable,
        };
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            // A terminal that does not say how wide it is.
            return 80;
        }
    }
}
