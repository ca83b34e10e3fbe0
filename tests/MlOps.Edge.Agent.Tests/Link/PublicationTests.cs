using System.Globalization;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Link;

/// <summary>What is said of a batch beside its bytes.</summary>
public class PublicationTests
{
    [Fact]
    public async Task Each_publication_says_the_session_its_uptime_and_a_trace_of_its_own()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        await using var agent = await folder.StartAsync(cloud.Port, ct);
        var lost = 0;
        cloud.Stores = _ => Interlocked.Increment(ref lost) > 1; // the first goes twice
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);

        var said = cloud.Properties.ToArray();
        Assert.True(said.Length >= 2);
        Assert.All(said, properties => Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", properties["traceparent"]));
        Assert.Equal(said.Length, said.Select(properties => properties["traceparent"]).Distinct().Count());
        var clocks = said.Select(properties => properties["clock"].Split(':')).ToArray();
        Assert.All(clocks, clock => Assert.Equal(cloud.Reported!.Session, clock[0]));
        var uptimes = clocks.Select(clock => long.Parse(clock[1], CultureInfo.InvariantCulture)).ToArray();
        Assert.True(uptimes[0] >= 0 && uptimes[0] < uptimes[1]);

        // The test's machine has times of its own, as a simulator's has.
        Assert.Null(cloud.Batches.Single().Clock);
    }
}
