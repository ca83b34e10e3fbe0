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

return await parsed.InvokeAsync();
