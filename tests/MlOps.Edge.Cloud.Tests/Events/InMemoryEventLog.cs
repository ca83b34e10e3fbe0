using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Tests.Events;

/// <summary>A log that is gone with the test, and that can be broken for a while.</summary>
internal sealed class InMemoryEventLog : IEventLog
{
    private readonly Lock _gate = new();
    private readonly List<LoggedEvent> _events = [];

    public bool Broken { get; set; }

    public Task AppendAsync(string id, DateTimeOffset at, string subject, string kind, JsonObject data, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Broken)
            {
                throw new IOException("the log's disk is full");
            }

            if (_events.All(e => e.Id != id))
            {
                _events.Add(new(_events.Count + 1, id, at, subject, kind, data.ToJsonString()));
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<LoggedEvent>> ReadAsync(long after, string? subject, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<LoggedEvent>>([.. _events.Where(e => e.Position > after && (subject is null || e.Subject == subject)).Take(limit)]);
        }
    }

    public string[] KindsOf(string subject)
    {
        lock (_gate)
        {
            return [.. _events.Where(e => e.Subject == subject).Select(e => e.Kind)];
        }
    }
}
