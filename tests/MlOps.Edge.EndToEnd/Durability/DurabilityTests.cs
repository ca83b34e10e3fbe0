using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.EndToEnd.Durability.Disks;
using MlOps.Edge.EndToEnd.Durability.Traces;
using MlOps.Edge.EndToEnd.Faults;
using MlOps.Edge.EndToEnd.Models;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>
/// That nothing is said on the wire before it is on the disk is seen in the system calls of the real programs; and the power is cut at any
/// moment of the same recording, with what was not synced lost or torn.
/// </summary>
[Collection(OneAfterAnother.Name)]
public sealed class DurabilityTests(ITestOutputHelper output) : IDisposable
{
    private const int Cuts = 150;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Standing = TimeSpan.FromHours(1);
    private readonly int _seed = Environment.GetEnvironmentVariable("MLOPS_TEST_SEED") is { } given ? int.Parse(given, null) : Environment.ProcessId;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task On_every_path_what_is_said_is_on_the_disk_and_no_power_cut_takes_it_back()
    {
        Assert.SkipUnless(Strace.WhyNot is null, Strace.WhyNot ?? "");
        await ChampionAsync(_folder["cloud"]);
        var before = Disk.Look(_folder["cloud"]);
        Directory.CreateDirectory(_folder["site"]);
        var (cloudTracer, agentTracer) = (new Tracer(_folder["cloud-logs"], _folder["cloud"]), new Tracer(_folder["agent-logs"], _folder["site"]));
        await using var cloud = new ServedCloud(_folder["cloud"], new() { Start = cloudTracer.Start });
        await using var wire = new FaultProxy(cloud.MqttPort, _seed);
        await using var agent = new TracedAgent(_folder["site"], wire.Port, agentTracer);

        await cloud.StartAsync();
        await LiveAsync(agent);
        await FoulWeatherAsync(agent, wire);
        await OutageAsync(agent, cloud);
        await KilledAgentAsync(agent);
        await KilledCloudAsync(agent, cloud);
        await agent.StopAsync();
        await cloud.StopAsync();

        var (said, heard) = (await agentTracer.ReadAsync(), await cloudTracer.ReadAsync());
        Tell(said);
        RequireOrder(said, heard);
        await RequirePowerCutsAsync(new(_folder["site"], said, new Dictionary<string, byte[]?>(), _seed), said, new(_folder["cloud"], heard, before, _seed), heard, "");
    }

    [Fact]
    public async Task From_nothing_and_after_a_kill_within_a_sync_what_is_said_is_on_the_disk()
    {
        Assert.SkipUnless(Strace.WhyNot is null, Strace.WhyNot ?? "");
        Directory.CreateDirectory(_folder["site"]);
        Directory.CreateDirectory(_folder["hall"]);
        var (cloudTracer, agentTracer) = (new Tracer(_folder["cloud-logs"], _folder["hall"]), new Tracer(_folder["agent-logs"], _folder["site"]));
        await using var cloud = new ServedCloud(Path.Combine(_folder["hall"], "srv", "cloud"), new() { Start = cloudTracer.Start });
        await using var agent = new TracedAgent(_folder["site"], cloud.MqttPort, agentTracer);

        // Killed when a commit is in the page cache and not on the disk; the next start finds it there and sends it at once.
        await KillInSyncAsync(agentTracer, new Random(_seed).Next(10, 20), "outbox.db-wal", async () =>
        {
            agent.Start(Pace, "--Outbox:ShortestBatchAge", "00:00:00.02", "--Outbox:LongestBatchAge", "00:00:00.05");
            await agent.EndAsync();
        });
        agent.Start(Standing);
        await cloud.StartAsync();
        await Wait.UntilAsync("the cloud has what the first start has left", () => agent.Ask("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM batch)") == 1);
        await cloud.StopAsync();

        // The same with a cloud: what it finds there comes again, and is acknowledged at once.
        await KillInSyncAsync(cloudTracer, new Random(_seed).Next(20, 60), "cloud.db-wal", async () =>
        {
            cloud.Launch();
            await agent.KillAsync();
            agent.Start(Pace, "--Outbox:ShortestBatchAge", "00:00:00.02");
            await cloud.EndAsync();
        });
        await agent.KillAsync();
        agent.Start(Standing);
        await cloud.StartAsync();
        await Wait.UntilAsync("the cloud has everything", () => agent.Ask("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM batch)") == 1);
        await agent.StopAsync();
        await cloud.StopAsync();

        var (said, heard) = (await agentTracer.ReadAsync(), await cloudTracer.ReadAsync());
        Tell(said);
        Assert.True(said.IsKilledInSync("outbox.db-wal") && heard.IsKilledInSync("cloud.db-wal"));
        RequireOrder(said, heard);
        await RequirePowerCutsAsync(new(_folder["site"], said, new Dictionary<string, byte[]?>(), _seed), said, new(_folder["hall"], heard, new Dictionary<string, byte[]?>(), _seed), heard, "srv/cloud");
    }

    private static async Task LiveAsync(TracedAgent agent)
    {
        Start(agent);
        await Wait.UntilAsync("live batches are made and acknowledged", () => agent.Ask("SELECT next FROM stream WHERE kind = 1") > 100);
        await Wait.UntilAsync("a model has been proved", () => File.Exists(Path.Combine(agent.State, "models.json")) && File.ReadAllText(Path.Combine(agent.State, "models.json")).Contains("\"proved\": true", StringComparison.Ordinal));
    }

    private static async Task FoulWeatherAsync(TracedAgent agent, FaultProxy wire)
    {
        wire.Weather = Weather.Foul;
        await Wait.UntilAsync("publications have overtaken each other and come twice", () => wire.Done is { Overtaken: > 10, Repeated: > 10 });
        wire.GoSilent();
        wire.Weather = Weather.Fair;
        await Wait.UntilAsync("batches wait that were sent", () => agent.Ask("SELECT count(*) FROM batch") > 10);
        wire.Cut();
    }

    private static async Task OutageAsync(TracedAgent agent, ServedCloud cloud)
    {
        await cloud.KillAsync();
        await Wait.UntilAsync("the backlog makes room", () => agent.Ask("SELECT count(*) FROM gone") > 0);
        await Wait.UntilAsync("there is a summary", () => agent.Ask("SELECT count(*) FROM stream WHERE kind = 3") > 0);
        await cloud.StartAsync();
        await Wait.UntilAsync("the backlog has drained", () => agent.Ask("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM batch JOIN stream ON batch.stream = stream.ordinal WHERE kind <> 1)") == 1);
    }

    private static async Task KilledAgentAsync(TracedAgent agent)
    {
        var made = agent.Ask("SELECT sum(next) FROM stream");
        await agent.KillAsync();
        Start(agent);
        await Wait.UntilAsync("batches are made again", () => agent.Ask("SELECT sum(next) FROM stream") > made + 50);
    }

    private static async Task KilledCloudAsync(TracedAgent agent, ServedCloud cloud)
    {
        await cloud.KillAsync();
        await cloud.StartAsync();
        var made = agent.Ask("SELECT sum(next) FROM stream");
        await Wait.UntilAsync("batches are made and acknowledged again", () => agent.Ask("SELECT sum(next) - (SELECT count(*) FROM batch) FROM stream") > made + 50);
    }

    private static void Start(TracedAgent agent) => agent.Start(
        Pace, "--Outbox:ShortestBatchAge", "00:00:00.02", "--Outbox:LongestBatchAge", "00:00:00.10", "--Outbox:BacklogAfter", "00:00:00.50", "--Outbox:MaxBytes", "65536", "--Outbox:AckTimeout", "00:00:01");

    // A start syncs folders and other files too: where the n-th sync is one of those, the next start is killed one later.
    private static async Task KillInSyncAsync(Tracer tracer, int sync, string file, Func<Task> run)
    {
        do
        {
            tracer.KillAtSync = sync++;
            await run();
        }
        while (!await tracer.WasKilledInSyncAsync(file));
    }

    private void RequireOrder(Recording said, Recording heard)
    {
        RequireNone(OrderCheck.EarlyBatches(said, _folder.Path));
        RequireNone(OrderCheck.EarlyAcknowledgements(heard, _folder.Path));

        // The same without its syncs: a check that cannot fail proves nothing.
        Assert.NotEmpty(OrderCheck.EarlyBatches(said.Without("fsync", "fdatasync"), _folder.Path));
        Assert.NotEmpty(OrderCheck.EarlyAcknowledgements(heard.Without("fsync", "fdatasync"), _folder.Path));
    }

    /// <param name="within">Where the cloud's folder is within what is cut.</param>
    private async Task RequirePowerCutsAsync(PowerCuts agent, Recording said, PowerCuts cloud, Recording heard, string within)
    {
        output.WriteLine($"seed {_seed} (MLOPS_TEST_SEED draws the same moments from the same recording)");
        var (device, store) = (new AgentAfterCut(said, TracedAgent.Device), new CloudAfterCut(heard));
        await RequireThatCutsCanTakeAsync(agent.Root, said, device);
        RequireNone(agent.Unexplained());
        RequireNone(cloud.Unexplained());
        RequireNone(await agent.RunAsync(agent.Moments(Cuts, device.Moments), (folder, moment) => Task.FromResult(device.Check(TracedAgent.Within(folder), moment))));
        output.WriteLine($"agent: {device.Count} batches sent, {agent.Images} folders after a power cut hold what was sent");
        RequireNone(await cloud.RunAsync(cloud.Moments(Cuts, store.Moments), (folder, moment) => store.CheckAsync(Path.Combine(folder, within), moment)));
        output.WriteLine($"cloud: {store.Count} batches acknowledged, {cloud.Images} folders after a power cut hold what was acknowledged");
    }

    // The same recording without its syncs: a power cut that takes nothing proves nothing.
    private async Task RequireThatCutsCanTakeAsync(string root, Recording said, AgentAfterCut device)
    {
        var cuts = new PowerCuts(root, said.Without("fsync", "fdatasync"), new Dictionary<string, byte[]?>(), _seed);
        Assert.NotEmpty(await cuts.RunAsync([device.Moments.Last()], (folder, moment) => Task.FromResult(device.Check(TracedAgent.Within(folder), moment))));
    }

    private static void RequireNone(IReadOnlyList<string> wrong) => Assert.True(wrong.Count == 0, $"{wrong.Count} things are wrong, among them:\n{string.Join('\n', wrong.Take(10))}");

    private void Tell(Recording said)
    {
        var batches = Publication.Sent(said).Where(sent => sent.Topic.EndsWith("/up/telemetry", StringComparison.Ordinal)).Select(sent => Contracts.Telemetry.TelemetryBatch.Parser.ParseFrom(sent.Payload)).ToArray();
        output.WriteLine(
            $"{batches.Length} publications of {batches.DistinctBy(BatchName.Of).Count()} batches ({string.Join(", ", batches.GroupBy(batch => batch.Kind).Select(kind => $"{kind.Count()} {kind.Key}"))}); " +
            $"{batches.Count(batch => batch.Predictions.Count > 0)} with predictions, {batches.Count(batch => batch.Gaps.Count > 0)} with gaps, {batches.Count(batch => batch.Summaries.Count > 0)} with summaries");
    }

    private static async Task ChampionAsync(string folder)
    {
        await using var cloud = await HostedCloud.StartAsync(folder);
        var pump = PumpModel.Get();
        var version = await Registration.RegisterAsync(cloud, pump.Model);
        await cloud.Grain<IModelGrain>(pump.Definition.Name).SetAliasAsync(Aliases.Champion, version.Version, "it is the only one", version.RegisteredAt);
        await cloud.Grain<ILifecycleGrain>(pump.Definition.Name).BeginAsync(new(1, TimeSpan.Zero, null, 0));
    }
}
