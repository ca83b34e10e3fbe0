using System.CommandLine;
using MlOps.Edge.Benchmarks;
using MlOps.Edge.Benchmarks.Agent;
using MlOps.Edge.Benchmarks.Disk;
using MlOps.Edge.Benchmarks.Flood;
using MlOps.Edge.Benchmarks.Grains;
using MlOps.Edge.Benchmarks.Ingest;
using MlOps.Edge.Benchmarks.Store;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Words;

OrtTelemetry.SwitchOff(); // before anything may load ONNX Runtime

var root = new RootCommand("What the cloud takes in, keeps and finds again, and what that and an agent cost. See docs/operate/benchmarks.md.")
{
    IngestCommand.Create(),
    DiskCommand.Create(),
    StoreCommand.Create(),
    GrainsCommand.Create(),
    FloodCommand.Create(),
    AgentCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors is [var first, ..])
{
    var fault = parsed.CommandResult.Command == root && parsed.UnmatchedTokens is not [_, ..] ? "A command is missing." : ParseFault.Explain(first);
    Console.Error.WriteLine($"{fault} The commands are {string.Join(", ", root.Subcommands.Select(command => command.Name))}. Try --help.");
    return BenchmarkException.Usage;
}

return await parsed.InvokeAsync();
