using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Api.Tests.Problems;

public sealed partial class ProblemPagesTests
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
    public async Task Every_route_names_a_query_parameter_that_it_does_not_take_and_those_that_it_does()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync(virtualTime: true);
        var paths = (await cloud.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject();
        foreach (var (path, method, operation) in paths.SelectMany(path => path.Value.EnumerateObject().Select(o => (path.Name, o.Name, o.Value))).Where(o => o.Item2 == "get"))
        {
            string[] takes = operation.TryGetProperty("parameters", out var parameters)
                ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.GetProperty("name").GetString()!)).Order(StringComparer.OrdinalIgnoreCase)]
                : [];
            var answer = await cloud.GetAsync(PathParameter().Replace(path, "1") + "?no-such=1");
            Assert.Equal(
                $"{method} {path}: no-such: there is no such parameter here; it takes {(takes.Length > 0 ? string.Join(", ", takes) : "none")}",
                $"{method} {path}: {answer.Problem(HttpStatusCode.BadRequest)}");
            Assert.Equal("no-such", answer.Json.GetProperty("field").GetString());
        }
    }

    [Fact]
    public async Task The_case_of_a_query_parameter_does_not_matter()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal(HttpStatusCode.OK, (await cloud.GetAsync("/api/v1/devices?MachineKind=centrifugal-pump")).Status);
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

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex PathParameter();
}
