using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Gateway.Link;
using MlOps.Edge.Host;
using Orleans;

namespace MlOps.Edge.EndToEnd.Processes;

/// <summary>The whole cloud within the test's process, as <c>demo</c> hosts it, so that a test can reach its rooms. Devices reach it over TCP only.</summary>
internal sealed class HostedCloud : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HostedCloud(CloudSettings settings, WebApplication app) => (Settings, _app) = (settings, app);

    public CloudSettings Settings { get; }

    public static async Task<HostedCloud> StartAsync(string folder, bool virtualTime = true)
    {
        OrtTelemetry.SwitchOff();
        var settings = new CloudSettings { DataFolder = folder, HttpPort = Ports.Free(), MqttPort = Ports.Free(), VirtualTime = virtualTime };
        var app = await CloudHost.StartAsync(settings, quiet: true, cancellationToken: TestContext.Current.CancellationToken);
        var cloud = new HostedCloud(settings, app);
        await Wait.UntilAsync("the gateway is at its broker", () => app.Services.GetRequiredService<BrokerLink>().Current is not null);
        return cloud;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public T Grain<T>(string key)
        where T : IGrainWithStringKey => Get<IGrainFactory>().GetGrain<T>(key);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
