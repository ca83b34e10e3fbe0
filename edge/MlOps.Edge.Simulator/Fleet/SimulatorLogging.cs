using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MlOps.Edge.Simulator.Fleet;

internal static class SimulatorLogging
{
    /// <summary>Warnings go to standard error; standard output belongs to progress.</summary>
    public static IServiceCollection AddSimulatorLogging(this IServiceCollection services) => services.AddLogging(logging => logging
        .SetMinimumLevel(LogLevel.Error)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console => (console.SingleLine, console.ColorBehavior) = (true, LoggerColorBehavior.Disabled)));
}
