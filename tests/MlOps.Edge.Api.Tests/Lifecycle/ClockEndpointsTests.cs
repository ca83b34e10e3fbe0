using System.Net;

namespace MlOps.Edge.Api.Tests.Lifecycle;

public sealed class ClockEndpointsTests
{
    private const string Body = """{"watermark":"2026-01-01T05:00:00Z"}""";

    [Fact]
    public async Task Advancing_the_clock_takes_every_decision_and_returns_the_desired_epochs()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync(virtualTime: true);
        var answer = await cloud.SendAsync(HttpMethod.Post, "/api/v1/clock", Body);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 5, 0, 0, TimeSpan.Zero), Assert.Single(cloud.Rooms.Heartbeats));
        Assert.Equal(3, answer.Json.GetProperty("desiredEpochs").GetProperty("pump-07").GetInt64());
        Assert.Contains("'watermark'", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/clock", "{}")).Problem(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task In_real_time_there_is_no_clock_to_move()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        (await cloud.SendAsync(HttpMethod.Post, "/api/v1/clock", Body)).Problem(HttpStatusCode.NotFound);
        Assert.Empty(cloud.Rooms.Heartbeats);
    }
}
