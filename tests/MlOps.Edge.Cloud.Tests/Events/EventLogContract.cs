using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Tests.Stores;

namespace MlOps.Edge.Cloud.Tests.Events;

/// <summary>What an event log owes its callers.</summary>
public sealed class EventLogContract : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryStores _stores = new();

    private IEventLog Log => _stores.Get<IEventLog>();

    [Fact]
    public async Task A_repeat_of_an_id_is_the_same_event_and_the_first_telling_stands()
    {
        await Log.AppendAsync("a", At, "model/m", EventKinds.ModelDefined, new JsonObject { ["n"] = 1 }, Never);
        await Log.AppendAsync("a", At, "model/m", EventKinds.ModelDefined, new JsonObject { ["n"] = 2 }, Never);
        _stores.Reopen();

        var logged = Assert.Single(await Log.ReadAsync(0, null, 10, Never));
        Assert.Equal(("a", At, "model/m", EventKinds.ModelDefined, """{"n":1}"""), (logged.Id, logged.At, logged.Subject, logged.Kind, logged.Data));
    }

    [Fact]
    public async Task Events_are_read_oldest_first_by_subject_behind_a_position_and_within_a_limit()
    {
        for (var i = 0; i < 10; i++)
        {
            await Log.AppendAsync($"{i}", At, i % 2 == 0 ? "even" : "odd", "k", [], Never);
        }

        var page = await Log.ReadAsync(0, "odd", 3, Never);
        Assert.Equal(["1", "3", "5"], page.Select(e => e.Id));
        Assert.Equal(["7", "9"], (await Log.ReadAsync(page[^1].Position, "odd", 3, Never)).Select(e => e.Id));
        Assert.Equal(10, (await Log.ReadAsync(0, null, 100, Never)).Count);
    }

    public void Dispose() => _stores.Dispose();
}
