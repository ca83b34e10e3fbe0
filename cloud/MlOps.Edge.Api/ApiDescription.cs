using Microsoft.AspNetCore.OpenApi;

namespace MlOps.Edge.Api;

/// <summary>What the OpenAPI document says of itself.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "MlOps.Edge";
        document.Info.Version = "v1";
        document.Info.Description =
            "Fleet, models, rollouts, drift and maintenance. Times are RFC 3339, enum values are kebab-case words, errors are problem details (RFC 9457).";
        return Task.CompletedTask;
    });
}
