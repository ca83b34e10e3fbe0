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
    Console.Error.WriteLine($"{ParseFault.Explain(first)} Try --help.");
    return ExitCodes.Usage;
}

return await parsed.InvokeAsync();
