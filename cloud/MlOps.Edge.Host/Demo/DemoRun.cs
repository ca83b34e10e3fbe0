using System.Diagnostics;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Host.Reporting;
using Spectre.Console;

namespace MlOps.Edge.Host.Demo;

/// <summary>Starts the cloud and, as a process of its own, the plant; tells the story as it happens; writes the report.</summary>
internal sealed class DemoRun(DemoOptions options)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        if (options.Data is not null)
        {
            await SimulatorProcess.CheckAsync(options, cancellationToken);
        }

        using var folder = DemoFolder.Take(options.Out, options.DataFolder);
        Directory.CreateDirectory(options.PlantFolder);
        var settings = new CloudSettings
        {
            DataFolder = CloudSettings.Writable(options.DataFolder, "--out"),
            HttpPort = CloudSettings.FreePort(0, "REST", "--http-port"),
            MqttPort = CloudSettings.FreePort(0, "the MQTT broker", "--mqtt-port"),
            VirtualTime = true,
        };
        await using var app = await CloudHost.StartAsync(settings, quiet: true, cancellationToken: cancellationToken);
        try
        {
            await TellAsync(app, settings, cancellationToken);
            var report = await ReportAsync(app.Services, watch.Elapsed.TotalSeconds, cancellationToken);
            DemoSummary.Print(report, options.Out);
            if (options.KeepRunning)
            {
                AnsiConsole.WriteLine($"The cloud goes on at {settings.Api} (OpenAPI at {settings.Api}openapi/v1.json; mlops --url {settings.Api} device list). Ctrl+C stops it.");
                await app.WaitForShutdownAsync(cancellationToken);
            }

            return report.AsExpected ? ExitCodes.Ok : ExitCodes.Failure;
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }

    private async Task TellAsync(WebApplication app, CloudSettings settings, CancellationToken cancellationToken)
    {
        await using var plant = SimulatorProcess.Start(options, settings);
        var story = new Story(app.Services.GetRequiredService<IEventLog>(), options);
        story.Open(settings);
        await foreach (var progress in plant.ProgressAsync(cancellationToken))
        {
            await story.GoOnAsync(progress, cancellationToken);
        }

        await plant.CompletedAsync(cancellationToken);
        await story.EndAsync(cancellationToken);
    }

    private async Task<ReportDocument> ReportAsync(IServiceProvider services, double seconds, CancellationToken cancellationToken)
    {
        var builder = await ReportBuilder.OpenAsync(
            PlantTruth.Read(options.PlantFolder), services.GetRequiredService<ITelemetryStore>(), services.GetRequiredService<IMaintenanceLog>(), services.GetRequiredService<IEventLog>(), cancellationToken);
        var report = builder.Build(seconds);
        await File.WriteAllBytesAsync(Path.Combine(options.Out, "report.json"), ReportJson.Write(report), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(options.Out, "report.html"), HtmlReport.Render(await builder.PicturesAsync(report, services.GetRequiredService<ITelemetryStore>(), cancellationToken)), cancellationToken);
        return report;
    }
}
