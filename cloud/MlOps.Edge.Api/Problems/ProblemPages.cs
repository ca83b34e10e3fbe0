using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace MlOps.Edge.Api.Problems;

/// <summary>Puts problem details around the whole host, so that an unknown route or method answers like everything else.</summary>
internal sealed class ProblemPages : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        next(app);
    };

    /// <summary>Says in plain words what the bare status codes mean.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var (problem, http) = (context.ProblemDetails, context.HttpContext);
        problem.Instance ??= http.Request.Path;
        problem.Detail ??= problem.Status switch
        {
            StatusCodes.Status404NotFound => $"There is no {http.Request.Path}. The routes are described at /openapi/v1.json.",
            StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not for {http.Request.Path}. It takes {http.Response.Headers.Allow}.",
            StatusCodes.Status413PayloadTooLarge => $"A body has at most {MlOpsApi.MaxBodyBytes / 1024} KiB.",
            StatusCodes.Status415UnsupportedMediaType => "The body must be JSON: Content-Type: application/json.",
            _ => null,
        };
    }
}
