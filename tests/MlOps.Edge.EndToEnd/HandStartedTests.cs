using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Models;
using MlOps.Edge.EndToEnd.Processes;
using MlOps.Edge.Host;

namespace MlOps.Edge.EndToEnd;

/// <summary><c>serve</c> and the plain agent with its own configuration, started and stopped by hand in any order.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class HandStartedTests
{
    private const string Device = "pump-07";

    [Fact]
    public void They_find_each_other_by_default()
    {
        var link = new LinkOptions();
        Assert.Equal(("localhost", CloudSettings.DefaultMqttPort), (link.Host, link.Port));
    }

    [Fact]
    public async Task A_device_appears_gets_the_champion_of_its_kind_predicts_and_heals_whoever_stops_first()
    {
        using var folder = new TestFolder();
        await ChampionAsync(folder["cloud"]);
        await using var cloud = new ServedCloud(folder["cloud"]);
        await cloud.StartAsync();
        await using var stores = cloud.OpenStores();
        var store = stores.GetRequiredService<ITelemetryStore>();

        var agent = StartAgent(cloud, folder["agent"]);
        try
        {
            await Wait.UntilAsync("the device appears", async () => (await cloud.AskAsync("device", "list", "-o", "json")).Output.Contains(Device, StringComparison.Ordinal));
            var last = await PredictsBeyondAsync(store, -1);

            // The device goes and comes back.
            Assert.Equal(0, (await agent.StopAsync()).ExitCode);
            await agent.DisposeAsync();
            agent = StartAgent(cloud, folder["agent"]);
            last = await PredictsBeyondAsync(store, last);

            // The cloud goes; the device lives on, and the cloud comes back to it.
            await cloud.StopAsync();
            await cloud.StartAsync();
            last = await PredictsBeyondAsync(store, last);

            // Both go, and the device is first to come back.
            Assert.Equal(0, (await agent.StopAsync()).ExitCode);
            await agent.DisposeAsync();
            await cloud.StopAsync();
            agent = StartAgent(cloud, folder["agent"]);
            await cloud.StartAsync();
            await PredictsBeyondAsync(store, last);

            Assert.Contains("\"version\": 1", (await cloud.AskAsync("device", "show", Device, "-o", "json")).Output, StringComparison.Ordinal);
        }
        finally
        {
            await agent.DisposeAsync();
        }

        await cloud.StopAsync();
    }

    // A cloud whose people have a champion for centrifugal pumps already.
    private static async Task ChampionAsync(string folder)
    {
        await using var cloud = await HostedCloud.StartAsync(folder);
        var pump = PumpModel.Get();
        var version = await Registration.RegisterAsync(cloud, pump.Model);
        await cloud.Grain<IModelGrain>(pump.Definition.Name).SetAliasAsync(Aliases.Champion, version.Version, "it is the only one", version.RegisteredAt);
        await cloud.Grain<ILifecycleGrain>(pump.Definition.Name).BeginAsync(new(1, TimeSpan.Zero, null, 0));
    }

    // Its own appsettings.json and recording; only what would meet other tests' processes is another.
    private static RunningProgram StartAgent(ServedCloud cloud, string state) => BuiltProgram.Start(
        BuiltProgram.Agent, "--port", cloud.MqttPort.ToString(CultureInfo.InvariantCulture), "--device", Device, "--state", state,
        "--interval", "01:00:00", "--pace", "00:00:01"); // the champion was taught on hours

    private static async Task<long> PredictsBeyondAsync(ITelemetryStore store, long frame)
    {
        var newest = frame;
        await Wait.UntilAsync($"predictions beyond frame {frame} are stored", async () =>
        {
            var batches = await store.ReadAsync(0, int.MaxValue, TestContext.Current.CancellationToken);
            newest = batches.SelectMany(b => TelemetryReader.Decode(b).Predictions).SelectMany(p => p.Frames).Select(f => (long)f).DefaultIfEmpty(-1).Max();
            return newest > frame;
        });
        return newest;
    }
}
