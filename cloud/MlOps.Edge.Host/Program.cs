using System.CommandLine;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Host;
using MlOps.Edge.Host.Demo;
using MlOps.Edge.Words;

OrtTelemetry.SwitchOff(); // before anything may load ONNX Runtime

var root = new RootCommand("The cloud of MLOps for machines that wear out: serve it, or watch the whole loop once round.")
{
    ServeCommand.Create(),
    DemoCommand.Create(),
    DemoVerifyCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors is [var first, ..])
{
    // The library would only say that there is no command.
    var choices = string.Join(", ", root.Subcommands.Select(command => command.Name));
    var fault = parsed.CommandResult.Command != root ? ParseFault.Explain(first)
        : parsed.UnmatchedTokens is [var unknown, ..] ? $"There is no command '{unknown}'; the commands are {choices}."
        : $"A command is missing; the commands are {choices}.";
    Console.Error.WriteLine($"{fault} Try --help.");
    return ExitCodes.Usage;
}

// To say goodbye takes a while where the machine is busy; by default it would be cut off after two seconds.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
