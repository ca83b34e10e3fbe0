using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Agent;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Simulator.Fleet;

/// <summary>One real agent over a machine of the plant, with a state folder and an MQTT connection of its own.</summary>
internal sealed class SimulatedDevice : IAsyncDisposable
{
    private readonly AgentHost _host;

    private SimulatedDevice(DeviceId id, AgentHost host, IReadOnlyList<IMachineFeed> feeds) => (Id, _host, Feeds) = (id, host, feeds);

    public DeviceId Id { get; }

    public AgentRuntime Agent => _host.Runtime;

    /// <summary>The machines that it watches.</summary>
    public IReadOnlyList<IMachineFeed> Feeds { get; }

    /// <summary>Whether its network is there.</summary>
    public bool Connected { get; private set; } = true;

    /// <param name="assets">The machines that it watches, by id.</param>
    /// <param name="open">Makes a machine's feed from where the agent left off.</param>
    public static async Task<SimulatedDevice> StartAsync(
        string device, IReadOnlyList<string> assets, string machineKind, FleetSettings settings, Action<AgentOptions> configure, Func<string, ResumePoint?, IMachineFeed> open, CancellationToken cancellationToken)
    {
        var options = new AgentOptions
        {
            Device = device,
            StateFolder = Path.Combine(settings.State, "agents", device),
            Sensing = new() { Assets = [.. assets.Select(asset => new AssetOptions { Id = asset, MachineKind = machineKind, Driver = FeedDriver.DriverName })] },
            Link = new() { Host = settings.BrokerHost, Port = settings.BrokerPort },
        };
        configure(options);
        var feeds = new FeedDriver(open);
        var host = await AgentHost.StartAsync(options, services => services.AddSingleton<IFeedDriver>(feeds).AddSimulatorLogging(), cancellationToken);
        return new(DeviceId.Parse(device), host, feeds.Opened);
    }

    public void SetNetwork(bool up)
    {
        Connected = up;
        Agent.SetNetwork(up);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed class FeedDriver(Func<string, ResumePoint?, IMachineFeed> open) : IFeedDriver
    {
        public const string DriverName = "simulated";

        public string Name => DriverName;

        public List<IMachineFeed> Opened { get; } = [];

        public IMachineFeed Open(AssetOptions asset, ResumePoint? resume)
        {
            var feed = open(asset.Id!, resume);
            Opened.Add(feed);
            return feed;
        }
    }
}
