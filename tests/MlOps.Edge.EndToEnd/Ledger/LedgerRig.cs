using MlOps.Edge.EndToEnd.Faults;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>Benches, agents, a broker and a cloud, each a process that can be killed and started again, with the network between them in our hands.</summary>
internal sealed class LedgerRig : IAsyncDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly TestFolder _folder;

    private LedgerRig(ITestOutputHelper output, TestFolder folder, LedgerSetup setup, LedgerDatabase? database, int seed)
    {
        (_output, _folder, Database, Random) = (output, folder, database, new(seed));
        var cloud = database?.Cloud ?? new();
        Broker = setup.Broker == LedgerBroker.Mosquitto ? new(folder["broker"]) : null;
        CloudWire = Broker is null ? null : new(Broker.Port, seed + 1);
        Cloud = new(setup.CloudFolder ?? folder["cloud"], CloudWire is null ? cloud : cloud.WithBrokerAt(CloudWire.Port));
        Wire = new(Broker?.Port ?? Cloud.MqttPort, seed);
        Devices = [.. Enumerable.Range(0, setup.Devices).Select(number => new LedgerDevice(number, setup.DeviceFolder ?? folder[$"device-{number}"], Wire.Port, setup.Options, setup.Environment))];
    }

    public Random Random { get; }

    public ServedCloud Cloud { get; }

    /// <summary>Null: its telemetry is in its folder.</summary>
    public LedgerDatabase? Database { get; }

    /// <summary>Null: the cloud's own.</summary>
    public Mosquitto? Broker { get; }

    /// <summary>Between the devices and the broker.</summary>
    public FaultProxy Wire { get; }

    /// <summary>Between the cloud and the broker; null: there is nothing between them.</summary>
    public FaultProxy? CloudWire { get; }

    public IReadOnlyList<LedgerDevice> Devices { get; }

    /// <summary>Starts everything, and returns when every device has something in the cloud.</summary>
    public static async Task<LedgerRig> StartAsync(ITestOutputHelper output, LedgerSetup setup)
    {
        var seed = LedgerSeed.Take(output);
        var rig = new LedgerRig(output, new(), setup, setup.Store == LedgerStore.Postgres ? await LedgerDatabase.MakeAsync() : null, seed);
        try
        {
            await (rig.Broker?.StartAsync() ?? Task.CompletedTask);
            await rig.Cloud.StartAsync();
            for (var kill = 0; kill < setup.EarlyKills; kill++)
            {
                await rig.KillEarlyAsync();
            }

            foreach (var device in rig.Devices)
            {
                device.Start();
            }

            await Wait.UntilAsync("every device has committed something and the cloud has it", () => rig.Devices.All(device => device.Outbox is { Age: >= 0, Pending: 0 }));
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public void Say(string what) => _output.WriteLine($"{what}, with {string.Join(" and ", Devices.Select(device => device.Bench.Given.Count))} readings given");

    /// <summary>Some progress, so that faults fall all over a run; then no particular moment.</summary>
    public async Task ProgressAsync(int readings = 40)
    {
        var goals = Devices.Select(device => device.Bench.Given.Count + Random.Next(5, readings)).ToArray();
        var moment = TimeSpan.FromMilliseconds(Random.Next(700));
        await Wait.UntilAsync("every bench has given more readings", () => Devices.Zip(goals).All(device => device.First.Bench.Given.Count >= device.Second));
        await Task.Delay(moment, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>The machines stand; returns when no device owes the cloud anything, and everything has ended in order.</summary>
    public async Task DrainAsync()
    {
        foreach (var device in Devices)
        {
            Assert.True(device.IsRunning, $"{device.Id} has ended by itself");
            device.Bench.RunDry();
        }

        await Wait.UntilAsync("no outbox has anything left for the cloud", () => Devices.All(device => device.Bench.IsKnownToBeDry && device.Outbox is { Pending: 0 }));
        await Task.WhenAll(Devices.Select(device => device.StopAsync()));
        Assert.All(Devices, device => Assert.True(device.Outbox is { Pending: 0 }, $"{device.Id} had something left when it ended"));
        await Cloud.StopAsync();
    }

    /// <summary>Drains, and holds the benches against the store.</summary>
    /// <param name="reasons">That gap records may have.</param>
    public async Task RequireEvenAsync(params string[] reasons)
    {
        await DrainAsync();
        await using var stores = Cloud.OpenStores();
        foreach (var line in await LedgerAudit.RequireEvenAsync(stores, Devices, reasons))
        {
            _output.WriteLine(line);
        }
    }

    // Some readings are in memory by then, or committed if it was quick.
    private async Task KillEarlyAsync()
    {
        var given = Devices.Select(device => device.Bench.Given.Count).ToArray();
        foreach (var device in Devices)
        {
            device.Start();
        }

        await Wait.UntilAsync("every bench has given a reading", () => Devices.Zip(given).All(device => device.First.Bench.Given.Count > device.Second));
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(200)), TimeProvider.System, TestContext.Current.CancellationToken);
        await Task.WhenAll(Devices.Select(device => device.KillAsync()));
        Say($"SIGKILL to agents at their start, of which {Devices.Count(device => device.Outbox is not { Age: >= 0 })} have never committed anything");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
        {
            await device.DisposeAsync();
        }

        await Wire.DisposeAsync();
        await (CloudWire?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Cloud.DisposeAsync();
        await (Database?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Broker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}

/// <summary>Which broker the devices meet.</summary>
public enum LedgerBroker
{
    Embedded,
    Mosquitto,
}

/// <summary>Where the cloud has its telemetry.</summary>
public enum LedgerStore
{
    Sqlite,
    Postgres,
}

/// <summary>What a rig is made of.</summary>
internal sealed record LedgerSetup(LedgerBroker Broker)
{
    public int Devices { get; init; } = 2;

    public LedgerStore Store { get; init; }

    /// <summary>So often the agents are killed right after their start, at first before their first commit.</summary>
    public int EarlyKills { get; init; }

    /// <summary>Null: within the test's folder.</summary>
    public string? CloudFolder { get; init; }

    /// <summary>Where there is one device; null: within the test's folder.</summary>
    public string? DeviceFolder { get; init; }

    /// <summary>The agents' options beside the usual ones.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The agents' environment beside the usual one.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }
}
