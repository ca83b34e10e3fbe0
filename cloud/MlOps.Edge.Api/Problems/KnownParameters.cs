using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace MlOps.Edge.Api.Problems;

/// <summary>Refuses a query parameter that the route does not take: it is a misspelt one, and an answer without it would be to another question.</summary>
internal sealed class KnownParameters : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.Request.Query.Count == 0)
        {
            return next(context);
        }

        var known = Of(http.GetEndpoint()!);
        return http.Request.Query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown
            ? new(Problem.Invalid(unknown, "there is no such parameter here; " + (known.Count > 0 ? $"it takes {string.Join(", ", known)}" : "it takes none")))
            : next(context);
    }

    // What a handler asks for beside these is a service, or the body.
    private static SortedSet<string> Of(Endpoint endpoint)
    {
        var path = (endpoint as RouteEndpoint)?.RoutePattern.Parameters.Select(parameter => parameter.Name) ?? [];
        return new(
            endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
                .Where(parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
                .Select(parameter => JsonNamingPolicy.CamelCase.ConvertName(parameter.Name)).Except(path, StringComparer.OrdinalIgnoreCase),
            StringComparer.OrdinalIgnoreCase);
    }
}
