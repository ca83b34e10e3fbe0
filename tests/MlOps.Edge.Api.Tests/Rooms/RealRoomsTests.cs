using System.Net;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Training;

namespace MlOps.Edge.Api.Tests.Rooms;

/// <summary>What the fakes cannot show: that the rooms' answers and refusals arrive through a silo as what they are.</summary>
public sealed class RealRoomsTests(RealCloud cloud) : IClassFixture<RealCloud>
{
    private const string Brief =
        """{"name":"MODEL","machineKind":"centrifugal-pump","channels":[{"name":"flow","unit":"L/min"}],"window":30,"sampleInterval":"01:00:00","rulCap":125}""";

    private static string Definition(string model) => Brief.Replace("MODEL", model, StringComparison.Ordinal);

    private async Task<string> DefineAsync(string model)
    {
        Assert.Equal(HttpStatusCode.Created, (await cloud.SendAsync(HttpMethod.Put, $"/api/v1/models/{model}", Definition(model))).Status);
        return model;
    }

    [Fact]
    public async Task A_model_is_defined_once_with_the_defaults_and_another_definition_is_a_conflict()
    {
        var model = await DefineAsync("pump-rul");
        var definition = (await cloud.GetAsync($"/api/v1/models/{model}")).Json.GetProperty("definition");
        Assert.Equal(1, definition.GetProperty("stride").GetInt32());
        Assert.Equal(0.9, definition.GetProperty("coverage").GetDouble());

        Assert.Equal(HttpStatusCode.OK, (await cloud.SendAsync(HttpMethod.Put, $"/api/v1/models/{model}", Definition(model))).Status);
        var other = Definition(model).Replace("125", "130", StringComparison.Ordinal);
        Assert.Contains("defined already, and otherwise", (await cloud.SendAsync(HttpMethod.Put, $"/api/v1/models/{model}", other)).Problem(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_defined_model_is_listed_with_its_history_an_idle_loop_and_no_drift()
    {
        var model = await DefineAsync("fan-rul");
        Assert.Contains(model, (await cloud.GetAsync("/api/v1/models")).Json.EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        Assert.Equal("model-defined", (await cloud.GetAsync($"/api/v1/models/{model}/history")).Json.GetProperty("events")[0].GetProperty("kind").GetString());
        Assert.Equal("idle", (await cloud.GetAsync($"/api/v1/models/{model}/lifecycle")).Json.GetProperty("state").GetString());
        Assert.Equal(model, (await cloud.GetAsync($"/api/v1/models/{model}/drift")).Json.GetProperty("model").GetString());
        Assert.Empty((await cloud.GetAsync($"/api/v1/models/{model}/units")).Json.EnumerateArray());
    }

    [Theory]
    [InlineData("devices/pump-99", "device 'pump-99'")]
    [InlineData("models/none", "model 'none'")]
    [InlineData("models/none/versions/1", "model 'none'")]
    [InlineData("models/none/history", "model 'none'")]
    [InlineData("models/none/lifecycle", "model 'none'")]
    [InlineData("models/none/drift", "model 'none'")]
    [InlineData("models/none/units", "model 'none'")]
    [InlineData("rollouts/none", "rollout 'none'")]
    [InlineData("training-runs/none", "training run 'none'")]
    public async Task What_no_room_knows_is_not_found_and_the_answer_names_the_route_that_shows_what_there_is(string path, string thing)
    {
        var answer = await cloud.GetAsync($"/api/v1/{path}");
        Assert.StartsWith($"There is no {thing}.", answer.Problem(HttpStatusCode.NotFound), StringComparison.Ordinal);
        Assert.StartsWith("/api/v1/", answer.Json.GetProperty("see").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("devices/Pump%207", "'Pump 7' is not a device id (lower-case letters")]
    [InlineData("models/Pump", "'Pump' is not a model name (lower-case letters")]
    [InlineData("models/-pump/drift", "'-pump' is not a model name (lower-case letters")]
    [InlineData("rollouts/r%201", "'r 1' is not an id (letters, digits")]
    [InlineData("training-runs/.hidden", "'.hidden' is not an id (letters, digits")]
    [InlineData("events?asset=Pump%207", "'Pump 7' is not an asset id (lower-case letters")]
    [InlineData("rollouts?model=Pump", "'Pump' is not a model name (lower-case letters")]
    public async Task An_id_of_other_characters_is_refused_with_the_rule(string path, string expected) =>
        Assert.Contains(expected, (await cloud.GetAsync($"/api/v1/{path}")).Problem(HttpStatusCode.BadRequest));

    [Fact]
    public async Task A_rollout_of_a_version_that_is_not_there_cannot_be_and_leaves_none_behind()
    {
        var model = await DefineAsync("valve-rul");
        Assert.Equal($"Model '{model}' has no version 7; it has none yet.", (await StartAsync(model, 7)).Problem(HttpStatusCode.NotFound));
        Assert.Equal("There is no model 'none'.", (await StartAsync("none", 1)).Problem(HttpStatusCode.NotFound));
        Assert.Empty((await cloud.GetAsync($"/api/v1/rollouts?model={model}")).Json.EnumerateArray());
        Assert.StartsWith("There is no rollout 'none'.", (await cloud.SendAsync(HttpMethod.Post, "/api/v1/rollouts/none/abort", """{"by":"ada","reason":"noise"}""")).Problem(HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_loop_with_a_trainer_that_nobody_knows_is_refused_and_may_be_asked_for_again()
    {
        var lifecycle = $"/api/v1/models/{await DefineAsync("screw-rul")}/lifecycle";
        Assert.Contains("no trainer is called 'lightbgm'; known trainers are lightgbm, managed-gbdt", (await cloud.SendAsync(HttpMethod.Post, lifecycle, """{"trainer":"lightbgm"}""")).Problem(HttpStatusCode.BadRequest));
        Assert.Equal(HttpStatusCode.Accepted, (await cloud.SendAsync(HttpMethod.Post, lifecycle, """{"trainer":"managed-gbdt"}""")).Status);
        Assert.Equal("managed-gbdt", (await cloud.GetAsync(lifecycle)).Json.GetProperty("order").GetProperty("trainer").GetString());
    }

    [Fact]
    public async Task An_event_of_a_machine_that_never_told_anything_cannot_be_recorded()
    {
        var refusal = (await cloud.SendAsync(HttpMethod.Post, "/api/v1/events", """{"asset":"pump-99","kind":"failure"}""")).Problem(HttpStatusCode.NotFound);
        Assert.Contains("No readings of an asset 'pump-99' are stored", refusal);
        Assert.Contains("pump-99", (await cloud.GetAsync("/api/v1/events?asset=pump-99")).Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Every_refusal_of_a_room_keeps_its_type_and_its_words_across_the_silo()
    {
        var conflict = await Assert.ThrowsAsync<ModelConflictException>(() => cloud.Grains.GetGrain<IModelGrain>("unknown").SetAliasAsync(Aliases.Champion, 1, "because", DateTimeOffset.UnixEpoch));
        Assert.Contains("'unknown'", conflict.Message, StringComparison.Ordinal);
        var invalid = await Assert.ThrowsAsync<InvalidModelException>(() => cloud.Grains.GetGrain<IModelGrain>("unknown").DefineAsync("{}"));
        Assert.Contains("'unknown'", invalid.Message, StringComparison.Ordinal);
        var rollout = await Assert.ThrowsAsync<InvalidRolloutException>(() => cloud.Grains.GetGrain<IRolloutGrain>("r-unknown").PauseAsync("ada", "noise"));
        Assert.Contains("r-unknown", rollout.Message, StringComparison.Ordinal);
        var run = await Assert.ThrowsAsync<TrainingRunNotFoundException>(() => cloud.Grains.GetGrain<ITrainingRunGrain>("run-unknown").GetAsync());
        Assert.Contains("run-unknown", run.Message, StringComparison.Ordinal);
        var unreadable = await cloud.Grains.GetGrain<IDeviceGrain>("pump-1").IngestAsync([new([1, 2, 3], DateTimeOffset.UnixEpoch)]);
        Assert.Equal([BatchFate.Unreadable], unreadable.Fates);
        Assert.Contains("does not decode", Assert.Single(unreadable.Unreadable), StringComparison.Ordinal);
    }

    private Task<Answer> StartAsync(string model, int version) =>
        cloud.SendAsync(HttpMethod.Post, "/api/v1/rollouts", $$"""{"model":"{{model}}","version":{{version}}}""");
}
