using System.Net;

namespace MlOps.Edge.Api.Tests.Devices;

public sealed class DeviceEndpointsTests
{
    [Fact]
    public async Task The_list_can_be_narrowed_to_a_group()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal("pump-07", Assert.Single((await cloud.GetAsync("/api/v1/devices?group=hall-2")).Json.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_group_and_a_machine_kind_that_exist_may_have_no_device_in_common()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        cloud.Rooms.Fleet.Add(new() { Id = "engine-1", Group = "field", MachineKind = "turbofan", Online = true });
        Assert.Empty((await cloud.GetAsync("/api/v1/devices?group=hall-2&machineKind=turbofan")).Json.EnumerateArray());
    }

    [Theory]
    [InlineData("group=hall-3", "No device is of a group 'hall-3'; known are hall-2.")]
    [InlineData("machineKind=turbofan", "No device is of a machine kind 'turbofan'; known are centrifugal-pump.")]
    [InlineData("group=hall-2&machineKind=turbofan", "No device is of a machine kind 'turbofan'; known are centrifugal-pump.")]
    public async Task A_filter_that_names_nothing_there_is_not_found(string query, string expected)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal(expected, (await cloud.GetAsync($"/api/v1/devices?{query}")).Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_device_shows_why_it_refused_a_model_in_the_contract_s_words()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var reported = (await cloud.GetAsync("/api/v1/devices/pump-07")).Json.GetProperty("reported");
        var deployment = reported.GetProperty("deployments")[0];
        Assert.Equal("rejected", deployment.GetProperty("state").GetString());
        Assert.Equal("the signature is not from a trusted key", deployment.GetProperty("reason").GetString());
        Assert.Equal("vibration_rms", reported.GetProperty("sensorFaults")[0].GetProperty("channel").GetString());
    }

    [Fact]
    public async Task A_device_that_nobody_heard_of_is_not_found()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Contains("device 'pump-99'", (await cloud.GetAsync("/api/v1/devices/pump-99")).Problem(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_bad_id_is_refused_with_the_rule()
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.GetAsync("/api/v1/devices/Pump%2007");
        Assert.Contains("lower-case letters", answer.Problem(HttpStatusCode.BadRequest));
        Assert.Equal("id", answer.Json.GetProperty("field").GetString());
    }

    [Fact]
    public async Task A_quarantine_is_shown_and_ended_by_a_person_and_not_shown_once_it_is_over()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var now = TimeProvider.System.GetUtcNow();
        cloud.Rooms.Devices["pump-07"] = cloud.Rooms.Devices["pump-07"] with { Quarantine = new("it floods", now.AddMinutes(-1), now.AddMinutes(4), 1) };
        Assert.Equal("it floods", (await cloud.GetAsync("/api/v1/devices/pump-07")).Json.GetProperty("quarantine").GetProperty("reason").GetString());

        var shown = await Cli.CliTests.RunAsync(cloud, "device", "show", "pump-07");
        Assert.Contains("it floods", shown.Output);
        Assert.Contains("mlops device release pump-07", shown.Output);
        Assert.Contains("out of quarantine", (await Cli.CliTests.RunAsync(cloud, "device", "release", "pump-07")).Output);
        Assert.False((await cloud.GetAsync("/api/v1/devices/pump-07")).Json.TryGetProperty("quarantine", out _));
        Assert.Contains("in no quarantine", (await ReleaseAsync(cloud, "pump-07")).Problem(HttpStatusCode.Conflict));
        Assert.Contains("device 'pump-99'", (await ReleaseAsync(cloud, "pump-99")).Problem(HttpStatusCode.NotFound));

        cloud.Rooms.Devices["pump-07"] = cloud.Rooms.Devices["pump-07"] with { Quarantine = new("it floods", now.AddMinutes(-9), now.AddMinutes(-4), 1) };
        Assert.False((await cloud.GetAsync("/api/v1/devices/pump-07")).Json.TryGetProperty("quarantine", out _));
    }

    [Fact]
    public async Task The_lag_of_a_device_that_is_away_grows()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var device = cloud.Rooms.Devices["pump-07"];
        cloud.Rooms.Devices["pump-07"] = device with { Lag = TimeSpan.FromSeconds(7) };
        Assert.Equal("00:00:07", (await cloud.GetAsync("/api/v1/devices/pump-07")).Json.GetProperty("lag").GetString());

        cloud.Rooms.Devices["pump-07"] = device with { Lag = TimeSpan.FromSeconds(7), Online = false, LastSeen = TimeProvider.System.GetUtcNow().AddDays(-2) };
        cloud.Rooms.Fleet[0] = cloud.Rooms.Fleet[0] with { Lag = TimeSpan.FromSeconds(7), Online = false, LastSeen = TimeProvider.System.GetUtcNow().AddDays(-2) };
        Assert.StartsWith("2.00:00:", (await cloud.GetAsync("/api/v1/devices/pump-07")).Json.GetProperty("lag").GetString(), StringComparison.Ordinal);
        Assert.Contains("2 d 0 h", (await Cli.CliTests.RunAsync(cloud, "device", "show", "pump-07")).Output);
        Assert.Contains("2 d 0 h", (await Cli.CliTests.RunAsync(cloud, "device", "list")).Output);
    }

    private static Task<Answer> ReleaseAsync(TestCloud cloud, string id) => cloud.SendAsync(HttpMethod.Post, $"/api/v1/devices/{id}/release", """{"by":"ada"}""");
}
