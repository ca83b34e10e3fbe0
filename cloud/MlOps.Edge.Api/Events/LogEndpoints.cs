using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Api.Events;

internal static class LogEndpoints
{
    public const int DefaultLimit = 100;
    public const int MaxLimit = 1000;

    public static void MapLog(this IEndpointRouteBuilder routes) =>
        routes.MapGroup("/log").WithTags("Log").MapGet("/", Read).WithName("ReadLog")
            .WithSummary("What happened in the cloud, in the order in which it was recorded, after a position, optionally about one subject");

    private static async Task<Results<Ok<LogPage>, ProblemHttpResult>> Read(
        IEventLog log, CancellationToken cancellationToken, long after = 0, string? subject = null, int limit = DefaultLimit) =>
        await ReadPageAsync(log, after, subject, limit, cancellationToken);

    public static async Task<Results<Ok<LogPage>, ProblemHttpResult>> ReadPageAsync(IEventLog log, long after, string? subject, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > MaxLimit)
        {
            return Problem.Invalid("limit", $"1 to {MaxLimit}");
        }

        if (after < 0)
        {
            return Problem.Invalid("after", "0 or more");
        }

        var events = await log.ReadAsync(after, subject, limit, cancellationToken);
        return TypedResults.Ok(LogPage.From(events, after));
    }
}

/// <summary>Some events, and where to go on: the next page is what comes after <see cref="Next"/>, now or later.</summary>
internal sealed record LogPage(LogEntry[] Events, long Next)
{
    public static LogPage From(IReadOnlyList<LoggedEvent> events, long after) =>
        new([.. events.Select(LogEntry.From)], events.Count == 0 ? after : events[^1].Position);
}

/// <param name="At">Time of the data, which is virtual in a demo.</param>
/// <param name="Subject">What it is about, e.g. <c>model/turbofan-rul</c>.</param>
internal sealed record LogEntry(long Position, string Id, DateTimeOffset At, string Subject, string Kind, JsonElement Data)
{
    public static LogEntry From(LoggedEvent e) => new(e.Position, e.Id, e.At, e.Subject, e.Kind, JsonElement.Parse(e.Data));
}
