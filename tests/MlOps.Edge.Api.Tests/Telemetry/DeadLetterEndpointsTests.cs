using System.Net;
using MlOps.Edge.Api.Tests.Cli;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Tests.Telemetry;

public sealed class DeadLetterEndpointsTests
{
    [Fact]
    public async Task A_dead_letter_is_listed_without_and_fetched_with_its_payload()
    {
        await using var cloud = await WithTwoAsync();
        var listed = Assert.Single((await cloud.GetAsync("/api/v1/telemetry/dead-letters?device=pump-07")).Json.EnumerateArray());
        Assert.Equal((2, "too old", 3), (listed.GetProperty("id").GetInt64(), listed.GetProperty("reason").GetString(), listed.GetProperty("bytes").GetInt64()));
        Assert.False(listed.TryGetProperty("payload", out _));
        Assert.Equal([7, 8, 9], (await cloud.GetAsync("/api/v1/telemetry/dead-letters/2")).Json.GetProperty("payload").GetBytesFromBase64());
        Assert.Equal(2, (await cloud.GetAsync("/api/v1/telemetry/dead-letters")).Json.GetArrayLength());
        Assert.Equal(1, (await cloud.GetAsync("/api/v1/telemetry/dead-letters?before=2")).Json.GetArrayLength());
    }

    [Fact]
    public async Task One_that_is_not_there_and_a_limit_that_is_none_are_named()
    {
        await using var cloud = await WithTwoAsync();
        Assert.Contains("dead letter 99", (await cloud.GetAsync("/api/v1/telemetry/dead-letters/99")).Problem(HttpStatusCode.NotFound));
        Assert.Contains("limit: 1 to 1000", (await cloud.GetAsync("/api/v1/telemetry/dead-letters?limit=0")).Problem(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task The_command_line_lists_them_and_saves_one()
    {
        await using var cloud = await WithTwoAsync();
        var list = await CliTests.RunAsync(cloud, "telemetry", "dead-letters", "--device", "pump-07");
        Assert.Contains("too old", list.Output);
        Assert.DoesNotContain("garbage", list.Output);

        var file = Path.GetTempFileName();
        Assert.Equal(5, (await CliTests.RunAsync(cloud, "telemetry", "dead-letter", "2", "--save", file)).ExitCode);
        Assert.Empty(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await CliTests.RunAsync(cloud, "telemetry", "dead-letter", "2", "--save", file, "--force")).ExitCode);
        Assert.Equal([7, 8, 9], await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        File.Delete(file);
        Assert.Equal(3, (await CliTests.RunAsync(cloud, "telemetry", "dead-letter", "99")).ExitCode);
    }

    [Fact]
    public async Task The_command_line_tells_a_device_that_is_not_there_as_the_gaps_do()
    {
        await using var cloud = await WithTwoAsync();
        var run = await CliTests.RunAsync(cloud, "telemetry", "dead-letters", "--device", "nope");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: There is no device 'nope'; known are edge-07.", run.Error, StringComparison.Ordinal);
        Assert.Equal(await CliTests.RunAsync(cloud, "telemetry", "gaps", "--device", "nope"), run);
    }

    [Theory]
    [InlineData("edge-07")] // It has readings, and no dead letter.
    [InlineData("pump-07")] // It has a dead letter, and no readings.
    public async Task A_device_that_has_none_on_the_page_is_no_error(string device)
    {
        await using var cloud = await WithTwoAsync();
        var run = await CliTests.RunAsync(cloud, "telemetry", "dead-letters", "--device", device, "--before", "1");
        Assert.Equal((0, "No dead letter."), (run.ExitCode, run.Output.Trim()));
    }

    private static async Task<TestCloud> WithTwoAsync()
    {
        var cloud = await TestCloud.StartAsync();
        cloud.Rooms.DeadLetters.All.Add((new(1, DeviceId.Parse("pump-08"), DateTimeOffset.UnixEpoch, "garbage", 1), [1]));
        cloud.Rooms.DeadLetters.All.Add((new(2, DeviceId.Parse("pump-07"), DateTimeOffset.UnixEpoch, "too old", 3), [7, 8, 9]));
        return cloud;
    }
}
