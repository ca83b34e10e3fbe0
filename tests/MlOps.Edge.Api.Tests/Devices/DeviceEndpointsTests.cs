using System.Net;

namespace MlOps.Edge.Api.Tests.Devices;

public sealed class DeviceEndpointsTests
{
    [Fact]
    public async Task The_list_can_be_narrowed_to_a_group()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal("pump-07", Assert.Single((await cloud.GetAsync("/api/v1/devices?group=hall-2")).Json.EnumerateArray()).GetProperty("id").GetString());
        Assert.Empty((await cloud.GetAsync("/api/v1/devices?group=hall-3")).Json.EnumerateArray());
        Assert.Empty((await cloud.GetAsync("/api/v1/devices?machineKind=turbofan")).Json.EnumerateArray());
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
