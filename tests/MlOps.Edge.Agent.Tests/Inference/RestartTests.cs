using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Inference;

/// <summary>A kill between commits takes what was not committed, and changes nothing else.</summary>
public class RestartTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(21)]
    public async Task Windows_after_a_restart_are_the_same_as_without_one(int before)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        var model = ModelPackage.Create();
        await model.PublishAsync(cloud);
        using var folder = new TestAgent { Life = 30 };
        await using (var agent = await folder.StartAsync(cloud.Port, ct))
        {
            await cloud.DesireAsync(TestAgent.Device, new() { Epoch = 1, Active = model.Pointer });
            await agent.Runtime.SettledAsync(1, ct);
            await agent.StepsAsync(before, ct);
            await agent.Runtime.FlushAsync(ct);
        }

        await using (var agent = await folder.StartAsync(cloud.Port, ct))
        {
            await agent.StepsAsync(35 - before, ct);
            await agent.Runtime.FlushAsync(ct);
            await agent.Runtime.SettledAsync(1, ct);
        }

        var predictions = cloud.Batches.SelectMany(b => b.Predictions).SelectMany(p => p.Frames.Zip(p.Outputs[0].Values, (frame, value) => (p.Installation, frame, value))).ToArray();
        Assert.Equal(Enumerable.Range(0, 35).Select(i => ((uint)(i / 30), (ulong)(i % 30), Mean(i / 30, i % 30))), predictions);
    }

    [Fact]
    public async Task A_resumed_machine_goes_on_after_the_last_committed_frame()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var cloud = await FakeCloud.StartAsync();
        using var folder = new TestAgent();
        var killed = await folder.StartAsync(cloud.Port, ct);
        await killed.StepsAsync(5, ct);
        await killed.Runtime.FlushAsync(ct);
        await killed.DisposeAsync();

        await using var agent = await folder.StartAsync(cloud.Port, ct);
        await agent.StepsAsync(1, ct);
        await agent.Runtime.FlushAsync(ct);
        await agent.Runtime.SettledAsync(0, ct);
        Assert.Equal(5UL, cloud.Batches[^1].Readings.Single().FirstFrame);
    }

    // Of the last four values, the first repeated on the left.
    private static float Mean(int installation, int age) =>
        Enumerable.Range(age - 3, 4).Select(a => Math.Max(a, 0) + (1000f * installation)).Sum() / 4;
}
