using System.Globalization;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.EndToEnd.Processes;
using MlOps.Edge.Host.Demo;

namespace MlOps.Edge.EndToEnd;

/// <summary>The story twice from one seed: the same bytes from the devices, the same decisions of the cloud.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class SameSeedTests(ITestOutputHelper output)
{
    private const int Ticks = 100;
    private const int Devices = 6;
    private const int Seed = 4;

    [Fact]
    public async Task The_same_seed_gives_the_same_run()
    {
        output.WriteLine($"seed {Seed}, {Devices} devices, {Ticks} cycles");
        var (first, second) = (await RunAsync(), await RunAsync());

        Assert.Contains(first.Events, line => line.Contains(EventKinds.VersionRegistered, StringComparison.Ordinal));
        Assert.Equal(first.Events, second.Events);
        Assert.NotEmpty(first.Batches);
        Assert.Equal(first.Batches, second.Batches);
    }

    private static async Task<(IReadOnlyList<string> Events, IReadOnlyList<string> Batches)> RunAsync()
    {
        using var folder = new TestFolder();
        await using var cloud = await HostedCloud.StartAsync(folder["cloud"]);
        var plant = await BuiltProgram.RunAsync(
            BuiltProgram.Simulator, "story", "--devices", Text(Devices), "--seed", Text(Seed), "--ticks", Text(Ticks),
            "--cloud", cloud.Settings.Api.ToString(), "--broker", $"127.0.0.1:{Text(cloud.Settings.MqttPort)}", "--state", folder["plant"]);
        Assert.True(plant.ExitCode == 0, plant.Error);

        var cancellationToken = TestContext.Current.CancellationToken;
        return (await SameRun.EventsAsync(folder["cloud"], cancellationToken), await SameRun.BatchesAsync(folder["cloud"], cancellationToken));
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
