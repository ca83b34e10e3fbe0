using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator;
using MlOps.Edge.Words;

OrtTelemetry.SwitchOff(); // before anything may load ONNX Runtime

var parsed = SimulatorCommand.Create().Parse(args);
if (parsed.Errors is [var first, ..])
{
    Console.Error.WriteLine($"{ParseFault.Explain(first)} Try --help.");
    return 2;
}

// To say goodbye takes a while where the machine is busy; by default it would be cut off after two seconds.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
