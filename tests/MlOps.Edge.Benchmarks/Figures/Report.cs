using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Benchmarks.Signal;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>Writes figures for people, or as one JSON document on standard output.</summary>
internal sealed class Report(bool json)
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    // Output that goes to a file has no width; a table that is cut would be of no use there.
    private const int Width = 160;

    private readonly IAnsiConsole _console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Out) });

    /// <summary>Says what goes on; never on standard output, where JSON may be wanted.</summary>
    public static void Progress(FormattableString text) => Console.Error.WriteLine(FormattableString.Invariant(text));

    public static string SignalText => FormattableString.Invariant(
        $"Reference signal: {ChannelShape.All.Count} channels, load steps of 20 % about every 300 frames, noise of 0.5 to 20 steps of the resolution; its noise alone is {NoiseEntropy.OfReference:0.00} bits a reading ({NoiseEntropy.OfReference / 8:0.00} bytes) that nothing can compress.");

    /// <param name="document">What is written as JSON.</param>
    /// <param name="table">What is written for people.</param>
    public void Write(object document, Action<IAnsiConsole> table)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(document, Form));
            return;
        }

        _console.Profile.Width = Console.IsOutputRedirected ? Width : _console.Profile.Width;
        table(_console);
    }
}
