using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace MlOps.Edge.Api.Problems;

/// <summary>A request that could not be read names the field at fault; anything else is ours, is logged, and says nothing of our insides.</summary>
internal sealed partial class ApiExceptionHandler(IProblemDetailsService problems, UnreadableRequest unreadable, ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        ProblemDetails problem;
        if (exception is BadHttpRequestException bad)
        {
            problem = unreadable.Describe(httpContext, bad);
        }
        else
        {
            LogFailed(exception, httpContext.Request.Method, httpContext.Request.Path);
            problem = new() { Status = StatusCodes.Status500InternalServerError, Title = "Internal error", Detail = "The cloud could not answer. Its log says why; the trace id finds the place." };
        }

        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(new() { HttpContext = httpContext, ProblemDetails = problem });
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, PathString path);
}
