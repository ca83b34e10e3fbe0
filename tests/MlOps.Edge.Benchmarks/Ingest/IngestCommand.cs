using System.CommandLine;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Load;
using MlOps.Edge.Benchmarks.Peers;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Words;

namespace MlOps.Edge.Benchmarks.Ingest;

/// <summary><c>ingest</c>: from published messages to durable, acknowledged, compacted readings, beside its peers.</summary>
internal static class IngestCommand
{
    private const string NoPeer = "none";

    private static readonly string[] PeerNames = [.. Peer.All.Select(peer => peer.Name), BrokerAlone.Name];

    public static Command Create()
    {
        var devices = new Option<int>("--devices") { Description = "Connections, one a device.", DefaultValueFactory = _ => 100 };
        var cases = new Option<string[]>("--case") { Description = $"Only these: {Names(LoadShape.All.Select(shape => shape.Name))}. Default: all.", AllowMultipleArgumentsPerToken = true };
        var store = new Option<string>("--store") { Description = $"{string.Join(" or ", IngestCase.Stores)}: where the cloud keeps telemetry.", DefaultValueFactory = _ => IngestCase.Stores[0] };
        var broker = new Option<string>("--broker") { Description = "embedded or mosquitto: which the cloud uses.", DefaultValueFactory = _ => "embedded" };
        var peers = new Option<string[]>("--peer") { Description = $"Only these: {Names(PeerNames)}, or {NoPeer}. Default: all.", AllowMultipleArgumentsPerToken = true };
        var folder = new Option<string>("--peer-folder") { Description = "Where the peers' npm packages are kept from run to run.", DefaultValueFactory = _ => DefaultPackages() }.Filled();
        var seconds = new Option<double>("--seconds") { Description = "How long each load is measured.", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warm-up") { Description = "How long it runs before.", DefaultValueFactory = _ => 5 };
        var seed = new Option<long>("--seed") { Description = "Of the reference signal.", DefaultValueFactory = _ => 1 };
        var show = new Option<bool>("--show-peers") { Description = "Print the peers' code and settings, and end." };
        var output = Output.Option();
        var command = new Command("ingest", "From published messages to durable, acknowledged and compacted readings, beside peers under the same load.")
        {
            devices, cases, store, broker, peers, folder, seconds, warmUp, seed, show, output,
        };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() =>
        {
            if (parsed.GetValue(show))
            {
                PeerFiles.Show(PeerFiles.Names);
                return Task.CompletedTask;
            }

            Among("--store", parsed.GetValue(store)!, IngestCase.Stores);
            Among("--broker", parsed.GetValue(broker)!, ["embedded", "mosquitto"]);
            var options = new IngestOptions(
                Bounds.Within("--devices", parsed.GetValue(devices), 1, 8000),
                parsed.GetValue(broker) == "embedded",
                parsed.GetValue(store)!,
                new(Seconds("--warm-up", parsed.GetValue(warmUp)), Seconds("--seconds", parsed.GetValue(seconds))),
                new ReferenceSignal(parsed.GetValue(seed)));
            LoadShape[] shapes = [.. Chosen("--case", parsed.GetValue(cases), LoadShape.All, shape => shape.Name)];
            string[] chosen = parsed.GetValue(peers) is [NoPeer] ? [] : [.. Chosen("--peer", parsed.GetValue(peers), PeerNames, name => name)];
            return RunAsync(shapes, chosen, options, Path.GetFullPath(parsed.GetValue(folder)!), Output.Of(parsed, output), cancellationToken);
        }));
        return command;
    }

    private static async Task RunAsync(LoadShape[] shapes, string[] peers, IngestOptions options, string packages, Report report, CancellationToken cancellationToken)
    {
        var machine = Machine.Read();
        List<CaseFigures> cases = [];
        foreach (var shape in shapes)
        {
            Report.Progress($"Case {shape.Name}: the cloud …");
            var figures = await new IngestCase(shape, options).RunAsync(cancellationToken);
            figures = figures with { Peers = await BesideAsync(shape, peers, options, packages, cancellationToken) };
            cases.Add(figures with { Limits = IngestLimits.Of(figures) });
        }

        report.Write(
            new { machine, options.Devices, broker = options.EmbeddedBroker ? "embedded" : "mosquitto", store = options.Store, noise_bits_per_reading = NoiseEntropy.OfReference, cases },
            console => IngestTable.Write(console, machine, cases));
    }

    // Those that keep readings are asked how many they take; at a given rate there is only the broker to compare with.
    private static async Task<IReadOnlyList<PeerFigures>> BesideAsync(LoadShape shape, string[] peers, IngestOptions options, string packages, CancellationToken cancellationToken)
    {
        List<PeerFigures> beside = [];
        foreach (var peer in Peer.All.Where(peer => shape.MessagesPerSecond is null && peers.Contains(peer.Name)))
        {
            Report.Progress($"Case {shape.Name}: {peer.Text} …");
            beside.Add(await new PeerCase(peer, shape, options, packages).RunAsync(cancellationToken));
        }

        if (shape.MessagesPerSecond is not null && peers.Contains(BrokerAlone.Name))
        {
            Report.Progress($"Case {shape.Name}: {BrokerAlone.Text} …");
            beside.Add(await new BrokerAlone(shape, options).RunAsync(cancellationToken));
        }

        return beside;
    }

    private static string DefaultPackages() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlops-edge-benchmarks");

    private static IEnumerable<T> Chosen<T>(string option, string[]? names, IReadOnlyList<T> all, Func<T, string> nameOf) => names is null or []
        ? all
        : names.Select(name => all.FirstOrDefault(one => nameOf(one) == name) ?? throw new BenchmarkException(
            $"{option} is '{name}'; it must be one of {Names(all.Select(nameOf))}.", BenchmarkException.Usage));

    private static void Among(string option, string value, IReadOnlyList<string> choices)
    {
        if (!choices.Contains(value))
        {
            throw new BenchmarkException($"{option} is '{value}'; it must be {string.Join(" or ", choices)}.", BenchmarkException.Usage);
        }
    }

    private static TimeSpan Seconds(string option, double value) => value is >= 1 and <= 3600
        ? TimeSpan.FromSeconds(value)
        : throw new BenchmarkException(FormattableString.Invariant($"{option} is {value}; it must be 1 to 3600 seconds."), BenchmarkException.Usage);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
