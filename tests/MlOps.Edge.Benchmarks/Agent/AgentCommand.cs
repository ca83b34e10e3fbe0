using System.CommandLine;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Peers;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Signal;
using MlOps.Edge.Words;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary><c>agent</c>: what the agent takes of a device, as it is shipped.</summary>
internal static class AgentCommand
{
    private const double MostRssMb = 55;
    private const double MostStartMs = 400;
    private const double MostDiskMb = 48;
    private const double MostCpuPercent = 1;
    private const string NoPeer = "none";

    public static Command Create()
    {
        var agent = new Option<string?>("--agent") { Description = "A folder with a published agent. Default: this source tree's is compiled ahead of time." }.Filled();
        var peer = new Option<string>("--peer") { Description = $"{PythonPeer.Name} or {NoPeer}.", DefaultValueFactory = _ => PythonPeer.Name };
        peer.AcceptOnlyFromAmong(PythonPeer.Name, NoPeer);
        var seconds = new Option<int>("--seconds") { Description = "How long it is measured.", DefaultValueFactory = _ => 60 };
        var warmUp = new Option<int>("--warm-up") { Description = "How long it runs before.", DefaultValueFactory = _ => 15 };
        var starts = new Option<int>("--starts") { Description = "How often it is started for the time to the first inference.", DefaultValueFactory = _ => 5 };
        var seed = new Option<long>("--seed") { Description = "Of the machines' signal.", DefaultValueFactory = _ => 1 };
        var show = new Option<bool>("--show-peers") { Description = "Print the peer's code and settings, and end." };
        var output = Output.Option();
        var command = new Command("agent", "One agent at 1 Hz and 24 channels with a model: memory, start, disk and CPU, beside an idle agent and a peer.")
        {
            agent, peer, seconds, warmUp, starts, seed, show, output,
        };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() =>
        {
            if (parsed.GetValue(show))
            {
                PeerFiles.Show(PeerFiles.OfAgent);
                return Task.CompletedTask;
            }

            var options = new AgentRunOptions(
                new(TimeSpan.FromSeconds(Bounds.Within("--warm-up", parsed.GetValue(warmUp), 5, 3600)), TimeSpan.FromSeconds(Bounds.Within("--seconds", parsed.GetValue(seconds), 10, 3600))),
                Bounds.Within("--starts", parsed.GetValue(starts), 1, 100), parsed.GetValue(seed));
            return RunAsync(parsed.GetValue(agent), options, parsed.GetValue(peer) == PythonPeer.Name, Output.Of(parsed, output), cancellationToken);
        }));
        return command;
    }

    private static async Task RunAsync(string? published, AgentRunOptions options, bool withPeer, Report report, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        if (published is null)
        {
            Report.Progress($"The agent is compiled ahead of time …");
        }

        var shipped = published is null ? await ShippedAgent.PublishAsync(folder["agent"]) : ShippedAgent.At(published);
        var machine = Machine.Read(); // compiling is none of the load that the figures are from
        var run = new AgentRun(shipped, options, folder);
        var (busy, idle) = await run.RunAsync(cancellationToken);
        AgentPeer[] peers = [];
        if (withPeer)
        {
            Report.Progress($"The peer in Python …");
            peers = [await new PythonPeer(shipped, options, folder).RunAsync(run.Model!, run.Recording, cancellationToken)];
        }

        IReadOnlyList<Limit> limits =
        [
            new("MB resident at the end", busy.RssMb, AtMost: MostRssMb),
            new("ms to the first inference, median", busy.StartMs!.Value, AtMost: MostStartMs),
            new("MB on disk", busy.DiskMb!.Value, AtMost: MostDiskMb),
            new("% of a processor", busy.CpuPercent, AtMost: MostCpuPercent),
        ];
        report.Write(
            new
            {
                machine,
                channels = ChannelShape.All.Count,
                seconds = options.Stretch.Length.TotalSeconds,
                connection = "plain TCP",
                busy.RssMb,
                busy.PeakRssMb,
                busy.StartMs,
                busy.StartsMs,
                busy.DiskMb,
                busy.CpuPercent,
                busy.Memory,
                busy.Files,
                busy.Frames,
                busy.Predictions,
                busy.ModelBytes,
                idle,
                peers = peers.Select(peer => new
                {
                    peer.Name,
                    peer.Figures?.RssMb,
                    peer.Figures?.PeakRssMb,
                    peer.Figures?.StartMs,
                    peer.Figures?.DiskMb,
                    peer.Figures?.CpuPercent,
                    peer.Figures?.Memory,
                    peer.Skipped,
                }),
                limits,
            },
            console => AgentTable.Write(console, machine, busy, idle, peers, limits));
    }
}
