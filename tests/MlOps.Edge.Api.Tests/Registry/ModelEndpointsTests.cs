using System.Net;

namespace MlOps.Edge.Api.Tests.Registry;

public sealed class ModelEndpointsTests
{
    [Fact]
    public async Task Defining_a_model_twice_alike_is_fine_and_otherwise_a_conflict()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", TestCloud.Definition)).Status);
        Assert.Equal(HttpStatusCode.OK, (await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", "\n  " + TestCloud.Definition.Replace(",", " , ", StringComparison.Ordinal))).Status);

        var other = TestCloud.Definition.Replace("125", "130", StringComparison.Ordinal);
        Assert.Contains("pump-rul", (await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", other)).Problem(HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("\"window\":30", "\"window\":0", "window")]
    [InlineData("\"rulCap\":125", "\"rulCap\":-1", "rulCap")]
    [InlineData("\"coverage\":0.9", "\"coverage\":1", "coverage")]
    [InlineData("01:00:00", "00:00:00", "sampleInterval")]
    [InlineData("\"stride\":1", "\"stride\":0", "stride")]
    [InlineData("\"unit\":\"mm/s\"", "\"unit\":\"\"", "channels[0].unit")]
    [InlineData("\"name\":\"vibration_rms\"", "\"name\":\" \"", "channels[0].name")]
    [InlineData("\"channels\":[", "\"channels\":[{\"name\":\"vibration_rms\",\"unit\":\"1\"},", "channels[1].name")]
    [InlineData("\"machineKind\":\"centrifugal-pump\"", "\"machineKind\":\"Pump 7\"", "machineKind")]
    public async Task A_definition_that_makes_no_sense_is_not_written(string from, string to, string field)
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", TestCloud.Definition.Replace(from, to, StringComparison.Ordinal));
        Assert.StartsWith(field + ":", answer.Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
        Assert.Empty(cloud.Rooms.Models);
    }

    [Theory]
    [InlineData("\"window\":30", "\"window\":\"thirty\"", "window: expected a whole number")]
    [InlineData("\"stride\"", "\"strde\"", "strde: there is no such field")]
    [InlineData("\"role\":\"sensor\"", "\"role\":\"senser\"", "channels[0].role: expected one of sensor, setting")]
    [InlineData("\"window\":30,", "", "Missing in the body: 'window'")]
    [InlineData("\"name\":\"pump-rul\"", "\"name\":\"fan-rul\"", "name: the body says 'fan-rul'")]
    public async Task An_unreadable_definition_names_the_field_and_what_goes_there(string from, string to, string expected)
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", TestCloud.Definition.Replace(from, to, StringComparison.Ordinal));
        Assert.StartsWith(expected, answer.Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stride_and_coverage_have_their_documented_defaults()
    {
        await using var cloud = await TestCloud.StartAsync();
        var brief = TestCloud.Definition.Replace("\"stride\":1,", "", StringComparison.Ordinal).Replace(",\"coverage\":0.9", "", StringComparison.Ordinal);
        var definition = (await cloud.SendAsync(HttpMethod.Put, "/api/v1/models/pump-rul", brief)).Json.GetProperty("definition");
        Assert.Equal(1, definition.GetProperty("stride").GetInt32());
        Assert.Equal(0.9, definition.GetProperty("coverage").GetDouble());
    }

    [Fact]
    public async Task A_model_shows_its_definition_as_json_and_its_versions()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var model = (await cloud.GetAsync("/api/v1/models/pump-rul")).Json;
        Assert.Equal(30, model.GetProperty("definition").GetProperty("window").GetInt32());
        Assert.Equal(1, model.GetProperty("aliases").GetProperty("champion").GetInt32());
        Assert.Equal(13.5, (await cloud.GetAsync("/api/v1/models/pump-rul/versions/1")).Json.GetProperty("metrics").GetProperty("judged_rmse").GetDouble());
    }

    [Fact]
    public async Task A_missing_version_says_which_is_the_newest()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal("Model 'pump-rul' has no version 7; its newest is 2.", (await cloud.GetAsync("/api/v1/models/pump-rul/versions/7")).Problem(HttpStatusCode.NotFound));
        Assert.Equal("version: expected a whole number", (await cloud.GetAsync("/api/v1/models/pump-rul/versions/new")).Problem(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task An_older_version_is_signed_again_by_somebody_for_a_reason()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var made = await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/pump-rul/versions/1/reissue", """{"by":"ada","reason":"worn seals"}""");
        Assert.Equal((HttpStatusCode.Created, 3, 1), (made.Status, made.Json.GetProperty("version").GetInt32(), made.Json.GetProperty("reissueOf").GetInt32()));

        var again = await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/pump-rul/versions/1/reissue", """{"by":"ada","reason":"worn seals"}""");
        Assert.Equal((HttpStatusCode.OK, 3), (again.Status, again.Json.GetProperty("version").GetInt32()));

        var nobody = await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/pump-rul/versions/1/reissue", """{"by":"ada","reason":" "}""");
        Assert.StartsWith("reason: say why", nobody.Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        var missing = await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/pump-rul/versions/9/reissue", """{"by":"ada","reason":"worn seals"}""");
        Assert.Equal("Model 'pump-rul' has no version 9; its newest is 3.", missing.Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task History_is_read_in_pages_that_go_on_where_the_last_ended()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        for (var i = 1; i <= 5; i++)
        {
            cloud.Rooms.Log.Add(new(i, $"e{i}", DateTimeOffset.UnixEpoch, i == 3 ? "rollout/r1" : "model/pump-rul", "alias-moved", """{"version":1}"""));
        }

        var first = (await cloud.GetAsync("/api/v1/models/pump-rul/history?limit=2")).Json;
        Assert.Equal([1, 2], first.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("position").GetInt32()));
        var second = (await cloud.GetAsync($"/api/v1/models/pump-rul/history?after={first.GetProperty("next")}")).Json;
        Assert.Equal([4, 5], second.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("position").GetInt32()));
        Assert.Equal(1, second.GetProperty("events")[0].GetProperty("data").GetProperty("version").GetInt32());
        Assert.Equal(5, (await cloud.GetAsync("/api/v1/log?after=5")).Json.GetProperty("next").GetInt32());
        Assert.StartsWith("limit:", (await cloud.GetAsync("/api/v1/log?limit=5000")).Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_begins_once_with_the_order_given()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var answer = await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/pump-rul/lifecycle", """{"seed":7,"trainingTime":"2.00:00:00","cohort":20}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("training", answer.Json.GetProperty("state").GetString());
        Assert.Equal(new(7, TimeSpan.FromDays(2), null, 20), cloud.Rooms.Lifecycles["pump-rul"].Order);
        Assert.Contains("model 'fan-rul'", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/models/fan-rul/lifecycle", "{}")).Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_training_run_is_shown_without_the_golden_vectors_and_one_never_ordered_is_not_found()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.Runs["run-1"] = new()
        {
            Run = "run-1",
            Order = new("pump-rul", DateTimeOffset.UnixEpoch, null, null, 1, "first"),
            State = Cloud.Training.TrainingRunState.Succeeded,
            Reason = "better on every slice",
            Draft = new() { Run = "run-1", Onnx = "o", Snapshot = "s", Trainer = "t", GoldenJson = "[]", GoldenTolerance = 1, LatencyBudgetMs = 1, MemoryBudgetBytes = 1, Metrics = [], At = default, SignatureJson = "{}" },
        };
        var run = (await cloud.GetAsync("/api/v1/training-runs/run-1")).Json;
        Assert.Equal("succeeded", run.GetProperty("state").GetString());
        Assert.False(run.TryGetProperty("draft", out _));
        Assert.Contains("training run 'run-2'", (await cloud.GetAsync("/api/v1/training-runs/run-2")).Problem(HttpStatusCode.NotFound));
    }
}
