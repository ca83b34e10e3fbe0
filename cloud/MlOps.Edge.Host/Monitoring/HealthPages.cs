using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MlOps.Edge.Host.Monitoring;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: it can do its work. 200 or 503, with a JSON of each check.</summary>
internal static class HealthPages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void AddHealthPages(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<StoreCheck>("store", timeout: Patience)
        .AddCheck<BrokerCheck>("broker", timeout: Patience)
        .AddCheck<SiloCheck>("silo", timeout: Patience);

    public static void MapHealthPages(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync });
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteAsync });
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(
        new HealthDocument(
            Word(report.Status),
            new(report.Entries.ToDictionary(e => e.Key, e => new CheckDocument(Word(e.Value.Status), e.Value.Description ?? e.Value.Exception?.Message ?? "", e.Value.Duration.TotalMilliseconds)), StringComparer.Ordinal)),
        JsonSerializerOptions.Web, http.RequestAborted);

    private static string Word(HealthStatus status) => status.ToString().ToLowerInvariant();

    private sealed record HealthDocument(string Status, SortedDictionary<string, CheckDocument> Checks);

    private sealed record CheckDocument(string Status, string Detail, double Milliseconds);
}
