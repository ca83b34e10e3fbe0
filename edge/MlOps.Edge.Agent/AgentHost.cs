using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent;

/// <summary>
/// One agent in a process of many: its own services, state folder and MQTT connection, and nothing of the process (no
/// console, no signals, no threads of its own).
/// </summary>
internal sealed class AgentHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private AgentHost(ServiceProvider services, AgentRuntime runtime) => (_services, Runtime) = (services, runtime);

    public AgentRuntime Runtime { get; }

    /// <summary>Opens the state folder, the feeds and the stored models, and starts the agent.</summary>
    /// <param name="options">Which agent.</param>
    /// <param name="configure">Adds drivers, a clock, a logger.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="AgentConfigurationException">An option does not do.</exception>
    /// <exception cref="AgentFailureException">The folder cannot be used.</exception>
    public static async Task<AgentHost> StartAsync(AgentOptions options, Action<IServiceCollection>? configure, CancellationToken cancellationToken)
    {
        OrtTelemetry.SwitchOff();
        var services = new ServiceCollection();
        configure?.Invoke(services);
        var provider = services.AddEdgeAgent(options).BuildServiceProvider();
        try
        {
            var runtime = provider.GetRequiredService<AgentRuntime>();
            await runtime.StartAsync(cancellationToken);
            return new(provider, runtime);
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Runtime.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
