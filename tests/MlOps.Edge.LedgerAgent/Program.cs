using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Edge.Agent;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.LedgerAgent;

OrtTelemetry.SwitchOff(); // before anything may load ONNX Runtime

var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
builder.Configuration.AddAgentSources(args);
builder.Logging.AddAgentConsole(builder.Configuration);
builder.Services.AddEdgeAgent(builder.Configuration);
builder.Services.AddSingleton<ISensorDriver, BenchSensorDriver>();
builder.Services.AddHostedService<RealTimeLoop>();
using var host = builder.Build();
await host.RunAsync();
return ExitCode.Success;
