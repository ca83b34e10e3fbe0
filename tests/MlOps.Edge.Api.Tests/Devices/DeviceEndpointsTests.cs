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
}
