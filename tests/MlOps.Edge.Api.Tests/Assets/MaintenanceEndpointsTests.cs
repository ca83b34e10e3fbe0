using System.Net;

namespace MlOps.Edge.Api.Tests.Assets;

public sealed class MaintenanceEndpointsTests
{
    private const string Failure = """{"id":"wo-1","asset":"pump-07","kind":"failure","frame":412,"note":"bearing seized"}""";

    [Fact]
    public async Task An_event_is_recorded_once_however_often_it_is_sent()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await Post(cloud, Failure)).Status);
        var again = await Post(cloud, Failure);
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal("failure", again.Json.GetProperty("kind").GetString());
        Assert.Single((await cloud.GetAsync("/api/v1/events?asset=pump-07")).Json.EnumerateArray());
        Assert.Empty((await cloud.GetAsync("/api/v1/events?asset=pump-08")).Json.EnumerateArray());
    }

    [Fact]
    public async Task The_events_of_an_asset_that_nobody_heard_of_are_not_found()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Contains("asset 'pump-99'", (await cloud.GetAsync("/api/v1/events?asset=pump-99")).Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task The_same_id_with_another_content_is_a_conflict()
    {
        await using var cloud = await TestCloud.StartAsync();
        await Post(cloud, Failure);
        Assert.Contains("wo-1", (await Post(cloud, Failure.Replace("412", "413", StringComparison.Ordinal))).Problem(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_unit_that_has_ended_takes_no_further_end()
    {
        await using var cloud = await TestCloud.StartAsync();
        await Post(cloud, Failure);
        Assert.Contains("pump-07#1 has ended", (await Post(cloud, """{"asset":"pump-07","kind":"replaced"}""")).Problem(HttpStatusCode.UnprocessableEntity));
    }

    [Theory]
    [InlineData("""{"asset":"pump-07","kind":"broken"}""", "kind: expected one of failure, replaced, inspected, sensor-repaired")]
    [InlineData("""{"asset":"pump-07","kind":0}""", "kind: expected one of failure, replaced, inspected, sensor-repaired")]
    [InlineData("""{"asset":"pump-07"}""", "Missing in the body: 'kind'")]
    [InlineData("""{"asset":"pump-07","kind":"failure","at":"yesterday"}""", "at: expected an RFC 3339 time")]
    [InlineData("""{"asset":"pump-07","kind":"failure","frame":-1}""", "frame: 0 or more")]
    [InlineData("""{"asset":"Pump 7","kind":"failure"}""", "asset: 'Pump 7' is not an asset id")]
    [InlineData("[]", "The body is not a JSON object")]
    [InlineData("", "A JSON body is expected")]
    public async Task An_unreadable_report_names_the_field_and_what_goes_there(string body, string expected)
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.StartsWith(expected, (await Post(cloud, body)).Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    private static Task<Answer> Post(TestCloud cloud, string body) => cloud.SendAsync(HttpMethod.Post, "/api/v1/events", body);
}
