using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Telemetry;

internal static class DeadLetterEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/telemetry/dead-letters").WithTags("Telemetry");

        letters.MapGet("/", List).WithName("ListDeadLetters").WithSummary("Batches that could never be stored, newest first, optionally of one device");
        letters.MapGet("/{id:long}", Get).WithName("GetDeadLetter").WithSummary("One of them with its payload, as it came")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<DeadLetterResponse[]>, ProblemHttpResult>> List(
        IDeadLetters letters, CancellationToken cancellationToken, DeviceId? device = null, long? before = null, int limit = DefaultLimit)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problem.Invalid("limit", $"1 to {MaxLimit}");
        }

        var found = await letters.ListAsync(device, before, limit, cancellationToken);
        return TypedResults.Ok(found.Select(letter => DeadLetterResponse.From(letter)).ToArray());
    }

    private static async Task<Results<Ok<DeadLetterResponse>, ProblemHttpResult>> Get(long id, IDeadLetters letters, CancellationToken cancellationToken) =>
        await letters.FindAsync(id, cancellationToken) is var (letter, payload)
            ? TypedResults.Ok(DeadLetterResponse.From(letter, payload))
            : Problem.NotFound($"There is no dead letter {id}; the newest of each device are kept.", "telemetry/dead-letters");
}

/// <param name="Bytes">The payload's length.</param>
/// <param name="Payload">In base64; only where one is asked for.</param>
internal sealed record DeadLetterResponse(long Id, string Device, DateTimeOffset ReceivedAt, string Reason, long Bytes, byte[]? Payload)
{
    public static DeadLetterResponse From(DeadLetter letter, byte[]? payload = null) =>
        new(letter.Id, letter.Device.ToString(), letter.ReceivedAt, letter.Reason, letter.Bytes, payload);
}
