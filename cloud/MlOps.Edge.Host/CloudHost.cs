using System.Globalization;
using System.Net.Sockets;
using MlOps.Edge.Api;
using MlOps.Edge.Cloud;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Gateway;
using MlOps.Edge.Host.Monitoring;

namespace MlOps.Edge.Host;

/// <summary>Composition: the one place that sees every room, the gateway and the API.</summary>
internal static class CloudHost
{
    /// <summary>appsettings.json beside the program, then <c>MLOPS_…</c> variables.</summary>
    public static IConfigurationRoot Configuration() => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables("MLOPS_")
        .Build();

    /// <summary>Builds a cloud process and starts it, as <see cref="Build"/> says. The silo's own ports are chosen here: where another program takes one between the choice and the listening, others are chosen.</summary>
    public static async Task<WebApplication> StartAsync(CloudSettings settings, bool quiet = false, bool restartable = false, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            var app = Build(settings, quiet, restartable);
            try
            {
                await app.StartAsync(cancellationToken);
                return app;
            }
            catch (Exception e)
            {
                await app.DisposeAsync();
                if (attempt == Attempts || !IsPortTaken(e) || !settings.PortsAreFree)
                {
                    throw;
                }
            }
        }
    }

    private const int Attempts = 5;

    private static bool IsPortTaken(Exception e) =>
        e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || (e.InnerException is { } inner && IsPortTaken(inner));

    /// <summary>Builds one cloud process: a silo with all rooms over one SQLite file, the embedded broker, the gateway and REST.</summary>
    /// <param name="quiet">Only what is wrong is logged.</param>
    /// <param name="restartable">Whoever runs it starts it again when <see cref="ServedAgain.IsRequested"/>.</param>
    public static WebApplication Build(CloudSettings settings, bool quiet = false, bool restartable = false)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.Configuration.AddEnvironmentVariables("MLOPS_").AddInMemoryCollection(Chosen(settings)).AddInMemoryCollection(quiet ? OnlyErrors : []);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        var started = false;
        builder.Logging.AddFilter(HostCategory, level => started && level >= LogLevel.Warning);
        builder.WebHost.UseUrls(settings.Api.ToString()).UseKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddKeyedSingleton<TimeProvider, MembershipClock>(TimeProviderNames.Membership);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(CloudSettings.FreePort(0, "the silo", ""), CloudSettings.FreePort(0, "grain clients", ""), serviceId: "mlops-edge", clusterId: "embedded")
            .AddMlOpsRooms(settings.DataFolder, settings.VirtualTime, settings.PostgresTelemetry)
            .AddTraces(builder.Configuration));
        builder.Services.AddGateway(builder.Configuration);
        builder.Services.AddMlOpsApi();
        if (restartable)
        {
            builder.Services.AddSingleton<ServedAgain>().AddSingleton<ICloudRestart>(services => services.GetRequiredService<ServedAgain>());
        }
        builder.AddMonitoring();

        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(() => started = true);
        app.MapMlOpsApi(settings.VirtualTime);
        app.MapMonitoring();
        return app;
    }

    // A start that fails comes out as an exception, and whoever starts the host says why in one line; the host would log it whole beside it.
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    // The story has the terminal to itself.
    private static Dictionary<string, string?> OnlyErrors { get; } =
        new[] { "Default", "Microsoft", "Microsoft.Hosting.Lifetime", "Orleans", "System.Net.Http" }.ToDictionary(category => $"Logging:LogLevel:{category}", string? (_) => "Error");

    // What the command line says wins over files and environment.
    private static Dictionary<string, string?> Chosen(CloudSettings settings) => new()
    {
        ["Registry:SigningKey"] = Path.Combine(settings.DataFolder, "keys", "model-signing.pem"),
        ["Gateway:Broker:Port"] = settings.MqttPort.ToString(CultureInfo.InvariantCulture),
    };
}
