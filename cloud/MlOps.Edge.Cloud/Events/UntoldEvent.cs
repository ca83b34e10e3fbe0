using System.Text.Json.Nodes;

namespace MlOps.Edge.Cloud.Events;

/// <summary>
/// An event that a grain has decided and may not have told yet. It rests in the grain's state, written together with the
/// change that it tells of, so that a crash between the two loses nothing; the log recognises a repeat by its id.
/// </summary>
[GenerateSerializer, Immutable, Alias("mlops.untold-event")]
internal sealed record UntoldEvent(
    [property: Id(0)] string Id, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string Subject, [property: Id(3)] string Kind, [property: Id(4)] string Data)
{
    public static UntoldEvent Of(string id, DateTimeOffset at, string subject, string kind, JsonObject data) => new(id, at, subject, kind, data.ToJsonString());
}

internal static class EventLogTelling
{
    /// <summary>Appends in order; those that the log has already are the same events.</summary>
    public static async Task TellAsync(this IEventLog log, IReadOnlyList<UntoldEvent> events, CancellationToken cancellationToken)
    {
        foreach (var e in events)
        {
            await log.AppendAsync(e.Id, e.At, e.Subject, e.Kind, JsonNode.Parse(e.Data)!.AsObject(), cancellationToken);
        }
    }
}
