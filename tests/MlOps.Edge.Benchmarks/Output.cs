using System.CommandLine;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks;

/// <summary><c>-o</c>: as a table for people, or as JSON.</summary>
internal static class Output
{
    public static Option<string> Option()
    {
        var option = new Option<string>("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong("table", "json");
        return option;
    }

    public static Report Of(ParseResult parsed, Option<string> option) => new(parsed.GetValue(option) == "json");
}
