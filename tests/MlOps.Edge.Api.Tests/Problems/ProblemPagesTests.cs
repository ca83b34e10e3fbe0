using System.Net;
using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Api.Tests.Problems;

public sealed class ProblemPagesTests
{
    [Fact]
    public async Task Whatever_goes_wrong_the_answer_is_problem_details()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Contains("/api/v1/nothing", (await cloud.GetAsync("/api/v1/nothing")).Problem(HttpStatusCode.NotFound));
        Assert.Contains("GET", (await cloud.SendAsync(HttpMethod.Delete, "/api/v1/devices")).Problem(HttpStatusCode.MethodNotAllowed));
        Assert.Contains("application/json", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/events", "asset=pump-07", "text/plain")).Problem(HttpStatusCode.UnsupportedMediaType));
        var large = $$"""{"asset":"pump-07","kind":"failure","note":"{{new string('x', 300_000)}}"}""";
        Assert.Contains("256 KiB", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/events", large)).Problem(HttpStatusCode.RequestEntityTooLarge));
    }

    [Fact]
    public async Task A_failure_of_ours_tells_nothing_of_our_insides()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.CatalogFailure = new InvalidOperationException("the store's password is hunter2");
        var answer = await cloud.GetAsync("/api/v1/healthz");
        answer.Problem(HttpStatusCode.InternalServerError);
        Assert.DoesNotContain("hunter2", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_registry_finds_unusable_is_the_request_s_fault_and_says_why()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.CatalogFailure = new InvalidModelException("window is 0, not at least 1 frame");
        Assert.Equal("window is 0, not at least 1 frame", (await cloud.GetAsync("/api/v1/models")).Problem(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Health_is_ok_while_the_rooms_answer()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Equal("""{"status":"ok"}""", (await cloud.GetAsync("/api/v1/healthz")).Text);
    }
}
