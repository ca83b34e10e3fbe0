using Microsoft.Extensions.Time.Testing;
using MlOps.Edge.Agent.Tests.Fixtures;

namespace MlOps.Edge.Agent.Tests.Outbox;

/// <summary>What an hour of one frame of 24 channels a second writes; docs/operate/running.md says what that is a day.</summary>
public sealed class WearTests : IDisposable
{
    private readonly OutboxFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryLink _link = new(TestAgent.Device);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 1_800, 160L << 20)]
    [InlineData(false, 120, 16L << 20)]
    public async Task An_hour_makes_so_many_commits_and_no_more_bytes_than_that(bool up, int commits, long bytes)
    {
        await using var agent = new VirtualAgent(_folder, _clock, _link, new(), channels: 24);
        if (up)
        {
            _link.Set(up: true);
        }

        await agent.LiveAsync(3_600, until: () => !up || agent.Outbox.Info.Pending == 0);
        var info = agent.Outbox.Info;
        TestContext.Current.TestOutputHelper?.WriteLine($"{info.Commits} commits, {info.BytesWritten} bytes");
        Assert.InRange(info.Commits, commits * 0.9, commits * 1.1);
        Assert.InRange(info.BytesWritten, bytes / 10, bytes);
    }
}
