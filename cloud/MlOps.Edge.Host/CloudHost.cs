using MlOps.Edge.Api;
using MlOps.Edge.Cloud;
using MlOps.Edge.Gateway;

namespace MlOps.Edge.Host;

/// <summary>Composition: the one place that sees every room, the gateway and the API.</summary>
internal static class CloudHost
{
    /// <summary>Builds one cloud process: a silo with all rooms over one SQLite file, the embedded broker, the gateway and REST.</summary>
    public static WebApplication Build(CloudSettings settings, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("MLOPS_");
        builder.Configuration.AddInMemoryCollection(overrides ?? new Dictionary<string, string?>());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.WebHost.UseUrls($"http://127.0.0.1:{settings.HttpPort}");
        builder.WebHost.UseKestrel(kestrel => kestrel.AddServerHeader = false);

        var (siloPort, clientPort) = (CloudSettings.FreePort(0, "the silo", "--silo-port"), CloudSettings.FreePort(0, "grain clients", "--silo-port"));
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort, clientPort, serviceId: "mlops-edge", clusterId: "embedded")
            .AddMlOpsRooms(settings.DataFolder, settings.VirtualTime));
        builder.Services.AddGateway(builder.Configuration);
        builder.Services.AddMlOpsApi();

        var app = builder.Build();
        app.MapMlOpsApi(settings.VirtualTime);
        return app;
    }
}
