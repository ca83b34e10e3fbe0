using System.CommandLine;
using System.Text.Json;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Flood;

/// <summary><c>flood</c>: what one device that went mad does to all others.</summary>
internal static class FloodCommand
{
    private const double MostRatio = 1.10;
    private const double MostMs = 5;

    // Gateway:MaxInFlightBytes: what the cloud may hold of what it has not stored.
    private const long MostMemory = 128L * 1024 * 1024;

    public static Command Create()
    {
        var devices = new Option<int>("--devices") { Description = "Quiet devices beside the flooding one.", DefaultValueFactory = _ => 200 };
        var pairs = new Option<int>("--pairs") { Description = "Quiet and flooded runs, in turn.", DefaultValueFactory = _ => 6 };
        var seconds = new Option<int>("--seconds") { Description = "Of each run.", DefaultValueFactory = _ => 10 };
        var seed = new Option<int>("--seed") { Description = "Of the signal and the garbage.", DefaultValueFactory = _ => 1 };
        var output = Output.Option();
        var command = new Command("flood", "One device floods the cloud; the others' time to the persisted acknowledgement, with and without.") { devices, pairs, seconds, seed, output };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() => RunAsync(
            Bounds.Within("--devices", parsed.GetValue(devices), 1, 5000), Bounds.Within("--pairs", parsed.GetValue(pairs), 1, 100),
            TimeSpan.FromSeconds(Bounds.Within("--seconds", parsed.GetValue(seconds), 1, 600)), parsed.GetValue(seed), Output.Of(parsed, output), cancellationToken)));
        return command;
    }

    private static async Task RunAsync(int devices, int pairs, TimeSpan time, int seed, Report report, CancellationToken cancellationToken)
    {
        var machine = Machine.Read();
        using var folder = new WorkFolder();
        await using var cloud = await ServedCloud.StartAsync(folder["cloud"], brokerPort: null);
        Report.Progress($"A warm-up at full load, {time.TotalSeconds} s …");
        await DayOfWork.RunAsync(cloud.MqttPort, devices, seed, time, cancellationToken);
        using var fleet = new QuietFleet(devices, seed);
        await fleet.ConnectAsync(cloud.MqttPort, cancellationToken);
        Report.Progress($"{devices} devices publish once a second; another of {time.TotalSeconds} s …");
        await fleet.RunAsync(time, cancellationToken);

        var (done, flooders, quietPeak) = (new List<FloodPair>(), new List<FloodingDevice>(), 0L);
        for (var pair = 0; pair < pairs; pair++)
        {
            var quiet = await fleet.RunAsync(time, cancellationToken);
            quietPeak = quietPeak > 0 ? quietPeak : ProcessSample.Of(cloud.Id).PeakBytes;

            // Another device each time: one that is in quarantine already does less harm.
            var flooder = new FloodingDevice(FormattableString.Invariant($"flood-{pair + 1}"), cloud.MqttPort, seed + pair);
            flooders.Add(flooder);
            var flooding = Task.Run(() => flooder.RunAsync(flooders.Count - 1, time, cancellationToken), CancellationToken.None);
            var flooded = await fleet.RunAsync(time, cancellationToken);
            await flooding;
            done.Add(new(
                Percentile.Of(quiet, 0.5), Percentile.Of(quiet, 0.99), Percentile.Of(flooded, 0.5), Percentile.Of(flooded, 0.99), flooder.Messages, flooder.Bytes, flooder.Connections));
            Report.Progress($"pair {pair + 1}: p99 {done[^1].QuietP99Ms:0.0} ms quiet, {done[^1].FloodedP99Ms:0.0} ms flooded with {flooder.Messages:N0} messages, {flooder.Bytes / 1e6:0} MB, {flooder.Connections} connections");
        }

        var figures = Figures(devices, done, quietPeak, ProcessSample.Of(cloud.Id).PeakBytes, await ReasonsAsync(cloud.HttpPort, flooders, cancellationToken));
        await fleet.LeaveAsync(cancellationToken);
        await cloud.StopAsync();
        report.Write(new { machine, cases = (FloodFigures[])[figures] }, console => Write(console, machine, figures));
    }

    private static FloodFigures Figures(int devices, List<FloodPair> pairs, long quietPeak, long peak, IReadOnlyList<string> reasons)
    {
        var (ratio, difference) = (Median(pairs.Select(pair => pair.Ratio)), Median(pairs.Select(pair => pair.FloodedP99Ms - pair.QuietP99Ms)));
        return new()
        {
            Case = "flood",
            Devices = devices,
            Pairs = pairs,
            MedianRatio = ratio,
            MedianDifferenceMs = difference,
            QuietPeakMemoryBytes = quietPeak,
            PeakMemoryBytes = peak,
            QuarantineReasons = reasons,
            Limits =
            [
                difference <= MostMs ? new("milliseconds that the others' p99 grows, median", difference, AtMost: MostMs) : new("the others' p99, flooded over quiet, median", ratio, AtMost: MostRatio),
                new("MiB of memory that the flood takes", (peak - quietPeak) / 1048576.0, AtMost: MostMemory / 1048576.0),
                new("flooding devices in quarantine with a reason", reasons.Count, AtLeast: pairs.Count),
            ],
        };
    }

    private static async Task<IReadOnlyList<string>> ReasonsAsync(int httpPort, IEnumerable<FloodingDevice> flooders, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var reasons = new List<string>();
        foreach (var flooder in flooders)
        {
            var device = JsonElement.Parse(await client.GetStringAsync(new Uri(FormattableString.Invariant($"http://127.0.0.1:{httpPort}/api/v1/devices/{flooder.Name}")), cancellationToken));
            if (device.TryGetProperty("quarantine", out var quarantine) && quarantine.ValueKind == JsonValueKind.Object && quarantine.GetProperty("reason").GetString() is { Length: > 0 } reason)
            {
                reasons.Add(reason);
            }
        }

        return reasons;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Write(IAnsiConsole console, Machine machine, FloodFigures figures)
    {
        console.WriteLine(machine.ToString());
        console.WriteLine(FormattableString.Invariant($"{figures.Devices} quiet devices, {figures.Pairs.Count} pairs of runs; peak memory {figures.PeakMemoryBytes / 1e6:0} MB, {figures.QuietPeakMemoryBytes / 1e6:0} MB before the flood"));
        foreach (var pair in figures.Pairs)
        {
            console.WriteLine(FormattableString.Invariant(
                $"  p50 {pair.QuietP50Ms:0.0} -> {pair.FloodedP50Ms:0.0} ms, p99 {pair.QuietP99Ms:0.0} -> {pair.FloodedP99Ms:0.0} ms ({pair.Ratio:0.00}); flood: {pair.FloodMessages:N0} messages, {pair.FloodBytes / 1e6:0} MB, {pair.FloodConnections} connections"));
        }

        foreach (var reason in figures.QuarantineReasons)
        {
            console.WriteLine($"  quarantine: {reason}");
        }

        foreach (var limit in figures.Limits)
        {
            console.WriteLine(FormattableString.Invariant($"  {(limit.Held ? "held  " : "missed")} {limit.What}: {limit.Value:0.00}, {(limit.AtMost is { } most ? FormattableString.Invariant($"at most {most:0.00}") : FormattableString.Invariant($"at least {limit.AtLeast:0}"))}"));
        }
    }
}
