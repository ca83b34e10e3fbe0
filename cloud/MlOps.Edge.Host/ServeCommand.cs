using System.CommandLine;
using MlOps.Edge.Words;

namespace MlOps.Edge.Host;

/// <summary><c>serve</c>: one cloud process, by the clock, until Ctrl+C.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data-folder") { Description = "Where everything durable is. Default: Cloud:DataFolder, or the user's local application data." }.Filled();
        var http = new Option<int?>("--http-port") { Description = "REST. Default: Cloud:HttpPort, 5080." };
        var mqtt = new Option<int?>("--mqtt-port") { Description = "The embedded MQTT broker. Default: Gateway:Broker:Port, 1883." };
        var command = new Command("serve", "Serve devices and people: rooms, embedded MQTT broker, gateway, REST. Settings also come from appsettings.json and MLOPS_… variables.") { data, http, mqtt };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() => ServeAsync(parsed.GetValue(data), parsed.GetValue(http), parsed.GetValue(mqtt), cancellationToken)));
        return command;
    }

    private static async Task<int> ServeAsync(string? dataFolder, int? httpPort, int? mqttPort, CancellationToken cancellationToken)
    {
        var configuration = CloudHost.Configuration();
        var settings = new CloudSettings
        {
            DataFolder = CloudSettings.Writable(dataFolder ?? CloudSettings.Folder(configuration, "Cloud:DataFolder") ?? DefaultFolder(), "--data-folder"),
            HttpPort = httpPort ?? CloudSettings.Port(configuration, "Cloud:HttpPort", CloudSettings.DefaultHttpPort),
            MqttPort = mqttPort ?? CloudSettings.Port(configuration, "Gateway:Broker:Port", CloudSettings.DefaultMqttPort),
            EmbeddedBroker = configuration.GetValue("Gateway:Broker:Enabled", true),
            PostgresTelemetry = TelemetryStoreChoice.Postgres(configuration),
        };
        if (settings is { EmbeddedBroker: true, HttpPort: not 0 } && settings.HttpPort == settings.MqttPort)
        {
            throw new UserErrorException($"REST and the MQTT broker are both given port {settings.HttpPort}; choose another with --http-port or --mqtt-port.", ExitCodes.Usage);
        }

        settings = settings with { HttpPort = CloudSettings.FreePort(settings.HttpPort, "REST", "--http-port") };
        if (settings.EmbeddedBroker)
        {
            settings = settings with { MqttPort = CloudSettings.FreePort(settings.MqttPort, "the MQTT broker", "--mqtt-port") };
        }

        while (await ServeOnceAsync(settings, cancellationToken))
        {
            Console.WriteLine("The cloud starts again.");
        }

        return ExitCodes.Ok;
    }

    /// <returns>Whether it is to be started again.</returns>
    private static async Task<bool> ServeOnceAsync(CloudSettings settings, CancellationToken cancellationToken)
    {
        await using var app = await CloudHost.StartAsync(settings, restartable: true, cancellationToken: cancellationToken);
        Console.WriteLine($"The cloud is up. REST: {settings.Api} (OpenAPI at /openapi/v1.json). {(settings.EmbeddedBroker ? $"MQTT: 127.0.0.1:{settings.MqttPort}. " : "")}Data: {settings.DataFolder}. Ctrl+C stops it.");
        await app.WaitForShutdownAsync(cancellationToken);
        return app.Services.GetRequiredService<ServedAgain>().IsRequested && !cancellationToken.IsCancellationRequested;
    }

    private static string DefaultFolder() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlops-edge-cloud");
}
