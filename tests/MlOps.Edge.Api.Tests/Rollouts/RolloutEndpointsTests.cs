using System.Net;
using MlOps.Edge.Cloud.Rollouts;

namespace MlOps.Edge.Api.Tests.Rollouts;

public sealed class RolloutEndpointsTests
{
    [Fact]
    public async Task A_rollout_starts_where_the_fleet_s_data_stand_with_the_waves_given()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var answer = await cloud.SendAsync(
            HttpMethod.Post, "/api/v1/rollouts", """{"model":"pump-rul","version":2,"group":"hall-2","waves":[{"mode":"shadow","fraction":0.2,"soak":"01:00:00","deadline":"04:00:00"}]}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var (id, rollout) = Assert.Single(cloud.Rooms.Rollouts);
        Assert.Equal(id, answer.Json.GetProperty("id").GetString());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddHours(400), rollout.View!.Plan.StartedAt);
        Assert.Equal(new WavePlan(WaveMode.Shadow, 0.2, TimeSpan.FromHours(1), TimeSpan.FromHours(4)), Assert.Single(rollout.View.Plan.Waves));
        Assert.True(rollout.View.Plan.KeepPreviousAsShadow);
    }

    [Fact]
    public async Task The_rollouts_of_a_model_that_is_not_there_are_not_found_and_of_one_without_any_are_none()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Empty((await cloud.GetAsync("/api/v1/rollouts?model=pump-rul")).Json.EnumerateArray());
        Assert.Contains("no model 'none'", (await cloud.GetAsync("/api/v1/rollouts?model=none")).Problem(HttpStatusCode.NotFound));
    }

    [Theory]
    [InlineData("""{"model":"pump-rul","version":9}""", HttpStatusCode.NotFound, "no version 9; its newest is 2")]
    [InlineData("""{"model":"none","version":1}""", HttpStatusCode.NotFound, "no model 'none'")]
    [InlineData("""{"model":"Pump","version":1}""", HttpStatusCode.BadRequest, "model: 'Pump' is not a model name")]
    [InlineData("""{"model":"pump-rul"}""", HttpStatusCode.BadRequest, "'version'")]
    [InlineData("""{"model":"pump-rul","version":1,"waves":[{"mode":"all","fraction":1,"soak":"00:00:01","deadline":"00:00:01"}]}""", HttpStatusCode.BadRequest, "waves[0].mode: expected one of shadow, active")]
    [InlineData("""{"model":"pump-rul","version":1,"waves":[{"mode":"active","fraction":2,"soak":"00:00:01","deadline":"00:00:01"}]}""", HttpStatusCode.BadRequest, "fraction")]
    [InlineData("""{"model":""", HttpStatusCode.BadRequest, "model")]
    public async Task A_plan_that_cannot_be_is_refused_in_plain_words(string body, HttpStatusCode status, string expected)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Contains(expected, (await cloud.SendAsync(HttpMethod.Post, "/api/v1/rollouts", body)).Problem(status));
    }

    [Fact]
    public async Task Pausing_what_is_paused_is_a_conflict_and_every_order_says_who_and_why()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        await cloud.SendAsync(HttpMethod.Post, "/api/v1/rollouts", """{"model":"pump-rul","version":2}""");
        var id = cloud.Rooms.Rollouts.Single().Key;

        const string order = """{"by":"ada","reason":"noise in hall 2"}""";
        var paused = await cloud.SendAsync(HttpMethod.Post, $"/api/v1/rollouts/{id}/pause", order);
        Assert.Equal("paused", paused.Json.GetProperty("state").GetString());
        Assert.Equal("ada: noise in hall 2", paused.Json.GetProperty("reason").GetString());
        Assert.Contains("not Running", (await cloud.SendAsync(HttpMethod.Post, $"/api/v1/rollouts/{id}/pause", order)).Problem(HttpStatusCode.Conflict));
        Assert.StartsWith("reason:", (await cloud.SendAsync(HttpMethod.Post, $"/api/v1/rollouts/{id}/resume", """{"by":"ada","reason":" "}""")).Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("rollout 'none'", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/rollouts/none/abort", order)).Problem(HttpStatusCode.NotFound));
    }
}
