using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MlOps.Edge.Api.Problems;

/// <summary>The errors that a handler can name by itself: RFC 9457 problem details.</summary>
internal static class Problem
{
    /// <summary>The extension member that names the field or parameter at fault.</summary>
    public const string Field = "field";

    /// <param name="thing">What is not there, in words: <c>device 'pump-7'</c>.</param>
    /// <param name="where">Where to see what there is.</param>
    public static ProblemHttpResult NotFound(string thing, string where) =>
        TypedResults.Problem($"There is no {thing}. {where}", title: "Not found", statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, title: "Conflict", statusCode: StatusCodes.Status409Conflict);

    /// <summary>Well-formed, but it cannot be done.</summary>
    public static ProblemHttpResult Unprocessable(string detail) =>
        TypedResults.Problem(detail, title: "It cannot be done", statusCode: StatusCodes.Status422UnprocessableEntity);

    public static ProblemHttpResult Invalid(string field, string rule) => TypedResults.Problem(
        $"{field}: {rule}", title: "Invalid request", statusCode: StatusCodes.Status400BadRequest,
        extensions: new Dictionary<string, object?> { [Field] = field });
}
