using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Tests.Fixtures;

/// <summary>A pump of two channels whose values are its age and half of it; each life lasts as long as told.</summary>
/// <param name="rough">Its values have no resolution: they fill their four bytes on the wire too.</param>
internal sealed class TestFeed(AssetId asset, ResumePoint? resume, int life, bool rough) : IMachineFeed
{
    public const string Kind = "pump";

    public static readonly ChannelSpec[] TwoChannels = [new("flow", "L/min"), new("temperature", "Cel")];

    private readonly float[] _values = new float[2];
    private int _installation = resume?.Unit.Installation ?? 0;
    private long _age = resume?.Age + 1 ?? 0;

    public AssetId Asset => asset;

    public string MachineKind => Kind;

    public IReadOnlyList<ChannelSpec> Channels => TwoChannels;

    public TimeSpan SampleInterval => TimeSpan.FromSeconds(1);

    public IReadOnlyList<SensorFault> Faults { get; set; } = [];

    public ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken)
    {
        if (_age == life)
        {
            (_installation, _age) = (_installation + 1, 0);
        }

        (_values[0], _values[1]) = rough ? (MathF.Sin(_age), MathF.Cos(_age)) : (_age + (1000 * _installation), _age / 2f);
        return new(new MachineFrame(new(asset, _installation), _age, DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(_age++), _values));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

internal sealed class TestFeedDriver(int life, bool rough) : IFeedDriver
{
    public string Name => "test";

    public IMachineFeed Open(AssetOptions asset, ResumePoint? resume) => new TestFeed(AssetId.Parse(asset.Id!), resume, life, rough);
}

/// <summary>An agent in a folder of its own that a test may start, end and start again.</summary>
internal sealed class TestAgent : IDisposable
{
    public static readonly DeviceId Device = DeviceId.Parse("pump-07");

    private readonly bool _borrowed;

    public TestAgent() => Folder = Directory.CreateTempSubdirectory("mlops-agent-").FullName;

    /// <summary>The agent of that folder, set up otherwise.</summary>
    public TestAgent(TestAgent other) => (Folder, _borrowed) = (other.Folder, true);

    public string Folder { get; }

    public int Life { get; init; } = int.MaxValue;

    /// <summary>See <see cref="TestFeed"/>.</summary>
    public bool Rough { get; init; }

    public Action<AgentOptions> Configure { get; init; } = _ => { };

    public Task<AgentHost> StartAsync(int port, CancellationToken cancellationToken) =>
        AgentHost.StartAsync(Options(port), services => services.AddSingleton<IFeedDriver>(new TestFeedDriver(Life, Rough)), cancellationToken);

    public AgentOptions Options(int port)
    {
        var options = new AgentOptions
        {
            Device = Device.ToString(),
            StateFolder = Folder,
            Link = { Host = "127.0.0.1", Port = port, FirstRetry = TimeSpan.FromMilliseconds(20), LongestRetry = TimeSpan.FromMilliseconds(200), ReportDelay = TimeSpan.FromMilliseconds(5) },
            Outbox = { AckTimeout = TimeSpan.FromMilliseconds(400) },
            Inference = { HistoryFrames = 16 },
            Models =
            {
                BlobTimeout = TimeSpan.FromMilliseconds(500), BlobRetry = TimeSpan.FromMilliseconds(50), BlobAttempts = 3, ProbationPredictions = 4,

                // One process runs every test at once: its latency and memory say nothing of one model.
                LatencySlack = 1000, MemorySlack = long.MaxValue / 2,
            },
            Sensing = { Assets = [new() { MachineKind = TestFeed.Kind, Driver = "test" }] },
        };
        Configure(options);
        return options;
    }

    public void Dispose()
    {
        if (!_borrowed)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}

internal static class AgentSteps
{
    public static async Task StepsAsync(this AgentHost agent, int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(1, await agent.Runtime.StepAsync(cancellationToken));
        }
    }
}
