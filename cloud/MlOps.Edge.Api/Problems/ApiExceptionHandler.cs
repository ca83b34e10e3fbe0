using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Api.Problems;

/// <summary>A request that could not be read names the field at fault; a room's refusal says why; anything else is ours, is logged, and says nothing of our insides.</summary>
internal sealed partial class ApiExceptionHandler(IProblemDetailsService problems, UnreadableRequest unreadable, ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var problem = exception switch
        {
            BadHttpRequestException bad => unreadable.Describe(httpContext, bad),
            InvalidQueryException query => Problem.Invalid(query.Parameter, query.Rule).ProblemDetails,
            UnknownUnitException => Problem.NotFound(exception.Message, "telemetry/latest").ProblemDetails,
            InvalidModelException => Refusal(StatusCodes.Status400BadRequest, "Invalid request", exception),
            _ => Ours(httpContext, exception),
        };
        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = problem });
    }

    private static ProblemDetails Refusal(int status, string title, Exception said) => new() { Status = status, Title = title, Detail = said.Message };

    private ProblemDetails Ours(HttpContext http, Exception exception)
    {
        LogFailed(exception, http.Request.Method, http.Request.Path);
        return new() { Status = StatusCodes.Status500InternalServerError, Title = "Internal error", Detail = "The cloud could not answer. Its log says why; the trace id finds the place." };
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, PathString path);
}
