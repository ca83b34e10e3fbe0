using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MlOps.Edge.Api.Problems;

/// <summary>The errors that a handler can name by itself: RFC 9457 problem details.</summary>
internal static class Problem
{
    /// <summary>The extension member that names the field or parameter at fault.</summary>
    public const string Field = "field";

    /// <summary>The extension member that names the route where what there is can be seen. Other front ends know it by another name.</summary>
    public const string See = "see";

    /// <param name="detail">What is not there, in a sentence: <c>There is no device 'pump-7'.</c></param>
    /// <param name="see">The route that shows what there is, under <see cref="MlOpsApi.Root"/>.</param>
    public static ProblemHttpResult NotFound(string detail, string see) => TypedResults.Problem(
        detail, title: "Not found", statusCode: StatusCodes.Status404NotFound, extensions: new Dictionary<string, object?> { [See] = $"{MlOpsApi.Root}/{see}" });

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, title: "Conflict", statusCode: StatusCodes.Status409Conflict);

    /// <summary>Well-formed, but it cannot be done.</summary>
    public static ProblemHttpResult Unprocessable(string detail) =>
        TypedResults.Problem(detail, title: "It cannot be done", statusCode: StatusCodes.Status422UnprocessableEntity);

    public static ProblemHttpResult Invalid(string field, string rule) => TypedResults.Problem(
        $"{field}: {rule}", title: "Invalid request", statusCode: StatusCodes.Status400BadRequest,
        extensions: new Dictionary<string, object?> { [Field] = field });
}
