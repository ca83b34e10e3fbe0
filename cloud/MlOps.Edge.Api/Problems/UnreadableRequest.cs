using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using HttpJsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace MlOps.Edge.Api.Problems;

/// <summary>Says which field of a body, or which parameter, could not be read, and what is expected there.</summary>
internal sealed class UnreadableRequest(IOptions<HttpJsonOptions> json)
{
    public ProblemDetails Describe(HttpContext http, BadHttpRequestException error)
    {
        var problem = new ProblemDetails { Status = error.StatusCode, Title = "Invalid request" };
        if (error.StatusCode == StatusCodes.Status400BadRequest)
        {
            // The exception handler clears the endpoint of the request, but keeps it here.
            var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
            var routeValues = http.Features.Get<IExceptionHandlerFeature>()?.RouteValues;
            var (field, rule) = error.InnerException is JsonException e
                ? BodyField(e, endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType)
                : Parameter(endpoint, routeValues, http.Request.Query);
            problem.Detail = field is null ? rule ?? "A JSON body is expected." : $"{field}: {rule}";
            if (field is not null)
            {
                problem.Extensions[Problem.Field] = field;
            }
        }

        return problem;
    }

    private (string? Field, string Rule) BodyField(JsonException error, Type? body)
    {
        var path = error.Path?.TrimStart('$').TrimStart('.') ?? "";
        if (path.Length == 0)
        {
            return error.Message.StartsWith("JSON deserialization", StringComparison.Ordinal)
                ? (null, "Missing in the body: " + Missing(error.Message))
                : (null, $"The body is not a JSON object as described at /openapi/v1.json (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}).");
        }

        return (path, body is null ? "not readable" : Expectation(TypeAt(body, path)));
    }

    // System.Text.Json names missing members only in its message: "... including: 'asset', 'kind'."
    private static string Missing(string message) => message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().TrimEnd('.');

    private Type? TypeAt(Type type, string path)
    {
        foreach (var segment in path.Split('.'))
        {
            var name = segment.Split('[')[0];
            var property = json.Value.SerializerOptions.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == name);
            if (property is null)
            {
                return null;
            }

            type = property.PropertyType;
            if (segment.Contains('['))
            {
                type = type.GetElementType() ?? type.GenericTypeArguments.FirstOrDefault() ?? type;
            }
        }

        return Nullable.GetUnderlyingType(type) ?? type;
    }

    private static string Expectation(Type? type) => type switch
    {
        null => "there is no such field; the fields are described at /openapi/v1.json",
        { IsEnum: true } => "expected one of " + string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName)),
        _ when type == typeof(string) => "expected a text",
        _ when type == typeof(bool) => "expected true or false",
        _ when type == typeof(int) || type == typeof(long) => "expected a whole number",
        _ when type == typeof(double) || type == typeof(float) => "expected a number",
        _ when type == typeof(DateTimeOffset) => "expected an RFC 3339 time, e.g. 2026-11-23T06:30:00Z",
        _ when type == typeof(TimeSpan) => "expected a duration as [d.]hh:mm:ss, e.g. 1.12:00:00",
        { IsArray: true } => "expected an array",
        _ => "expected an object or array as described at /openapi/v1.json",
    };

    private static (string? Field, string? Rule) Parameter(Endpoint? endpoint, RouteValueDictionary? route, IQueryCollection query)
    {
        foreach (var parameter in endpoint?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;
            var text = route?[parameter.Name] as string ?? query[parameter.Name].FirstOrDefault();
            if (parameter.HasTryParse && text is not null && Refusal(type, text) is { } rule)
            {
                return (parameter.Name, rule);
            }
        }

        return (null, null);
    }

    /// <summary>null: the text can be read. Ids state their own rule.</summary>
    private static string? Refusal(Type type, string text)
    {
        var parse = type.GetMethod(nameof(int.Parse), BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(IFormatProvider)]);
        try
        {
            parse?.Invoke(null, [text, CultureInfo.InvariantCulture]);
            return null;
        }
        catch (TargetInvocationException e)
        {
            return type.Namespace == nameof(System) ? Expectation(type) : e.InnerException!.Message;
        }
    }
}
