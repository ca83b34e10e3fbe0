using MlOps.Edge.Gateway;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MlOps.Edge.Host.Monitoring;

/// <summary>Metrics on <c>/metrics</c>, health on <c>/healthz</c> and <c>/readyz</c>, traces to an OpenTelemetry collector where one is named.</summary>
internal static class MonitoringRegistration
{
    /// <summary>OpenTelemetry's own variable: where traces go. Without it there are none.</summary>
    public const string TraceEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters = [MonitoringNames.Gateway, CloudMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    public static void AddMonitoring(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthPages();
        builder.Services.AddHostedService<CloudMetrics>();
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("mlops-edge-cloud"))
            .WithMetrics(metrics => WithoutCounts(metrics.AddMeter(Meters)).AddPrometheusExporter(exporter => exporter.ScopeInfoEnabled = false)); // a meter is nothing to ask by
        if (Traces(builder.Configuration))
        {
            telemetry.WithTracing(traces => traces
                .AddSource(MonitoringNames.Gateway, "Microsoft.AspNetCore", "Microsoft.Orleans.Application").AddOtlpExporter());
        }
    }

    /// <summary>Grain calls take the trace along, where there is one.</summary>
    public static ISiloBuilder AddTraces(this ISiloBuilder silo, IConfiguration configuration) => Traces(configuration) ? silo.AddActivityPropagation() : silo;

    public static void MapMonitoring(this WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint();
        app.MapHealthPages();
    }

    // To Prometheus a name that ends with _count is a part of a histogram; the runtime has three that are not.
    private static MeterProviderBuilder WithoutCounts(MeterProviderBuilder metrics) => metrics
        .AddView("dotnet.assembly.count", "dotnet.assemblies").AddView("dotnet.process.cpu.count", "dotnet.process.cpus").AddView("dotnet.timer.count", "dotnet.timers");

    private static bool Traces(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[TraceEndpoint]);
}
