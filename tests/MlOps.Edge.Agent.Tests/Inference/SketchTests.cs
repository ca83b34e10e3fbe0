using MlOps.Edge.Agent.Tests.Fixtures;
using MlOps.Edge.Contracts;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Agent.Tests.Inference;

public class SketchTests
{
    private const int Block = 8;

    private static readonly SketchSpec Spec = new()
    {
        Channels = [.. TestFeed.TwoChannels.Select(c => new ChannelBins { Name = c.Name, Edges = [5, 10, 20], Center = 0, Scale = 1 })],
        Regimes = RegimeMap.One,
        AgeEdges = [],
        Block = Block,
    };

    [Fact]
    public async Task Every_frame_of_a_finished_block_is_counted_once_though_the_agent_restarts_in_its_middle()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        var (bytes, digest) = (Spec.ToBytes(), Sha256Digest.Of(Spec.ToBytes()));
        var model = ModelPackage.Create(change: m => m with { SketchSpec = digest });
        await model.PublishAsync(cloud);
        await cloud.PublishAsync(Topics.Blob(digest), bytes);
        using var folder = new TestAgent { Life = 22 };
        await using (var agent = await folder.StartAsync(cloud.Port, ct))
        {
            await cloud.DesireAsync(TestAgent.Device, new() { Epoch = 1, Active = model.Pointer });
            await agent.Runtime.SettledAsync(1, ct);
            await agent.StepsAsync(Block + 3, ct);
        }

        await using (var agent = await folder.StartAsync(cloud.Port, ct))
        {
            await agent.StepsAsync(17, ct); // over the end of the first life, into the second
            await agent.Runtime.FlushAsync(ct);
            await agent.Runtime.SettledAsync(1, ct);
        }

        var sketches = cloud.Batches.SelectMany(b => b.Sketches).ToArray();
        Assert.Equal([(0u, 0UL, 7UL), (0u, 8UL, 15UL), (0u, 16UL, 21UL)], sketches.Select(s => (s.Installation, s.FirstFrame, s.LastFrame)));
        Assert.All(sketches, sketch => Assert.Equal(digest.ToHash(), sketch.Reference.ToByteArray()));

        var counter = new SketchCounter(Spec);
        for (var age = 0; age < 22; age++)
        {
            counter.Add([age, age / 2f], age);
        }

        var counted = sketches.Select(s => SketchIncrement.FromBytes(s.Counts.Span, Spec)).Aggregate(SketchIncrement.Merge);
        Assert.Equal(counter.Flush(), counted);
    }
}
