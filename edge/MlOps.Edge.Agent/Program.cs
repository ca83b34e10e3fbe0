using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Edge.Agent;
using MlOps.Edge.Contracts.Models;

OrtTelemetry.SwitchOff(); // before anything may load ONNX Runtime

try
{
    if (CommandLine.AsksForHelp(args))
    {
        Console.WriteLine(CommandLine.Help);
        return ExitCode.Success;
    }

    var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
    builder.Configuration.AddAgentSources(args);
    builder.Logging.AddAgentConsole(builder.Configuration);
    builder.Services.AddEdgeAgent(builder.Configuration);
    builder.Services.AddHostedService<RealTimeLoop>().AddHostedService<MemoryTidying>();
    using var host = builder.Build();
    var loop = host.Services.GetServices<IHostedService>().OfType<RealTimeLoop>().Single(); // opens all that may be misconfigured
    await host.RunAsync();
    return loop.ExecuteTask is { IsFaulted: true } ? ExitCode.Failure : ExitCode.Success;
}
catch (AgentConfigurationException e)
{
    Console.Error.WriteLine(e.Message);
    return e.EndsWith;
}
catch (AgentFailureException e)
{
    Console.Error.WriteLine(e.Message);
    return e.EndsWith;
}
