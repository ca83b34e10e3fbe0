using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>How an agent is measured.</summary>
/// <param name="Starts">How often it is started for the time to the first inference.</param>
/// <param name="Seed">Of the machines' signal.</param>
internal sealed record AgentRunOptions(Stretch Stretch, int Starts, long Seed);

/// <summary>One agent that samples, judges and sends, beside one that only keeps its connection, on a cloud of their own.</summary>
internal sealed class AgentRun(ShippedAgent shipped, AgentRunOptions options, WorkFolder folder)
{
    private const string Busy = "bench-busy";
    private const string Idle = "bench-idle";

    // What is started and waited for beside the stretch takes less; when a recording begins again it is another machine.
    private const int MoreFrames = 900;

    // A tick at either end of the stretch may fall to the other side, and one may come late.
    private const int FramesOfGrace = 2;

    /// <summary>A machine that is well, as the agent reads it.</summary>
    public string Recording => folder["recording.csv"];

    /// <summary>The model that the agent ran; there after the run.</summary>
    public DeployedModel? Model { get; private set; }

    /// <exception cref="BenchmarkException">Something failed, or what was measured did not sample, judge and send.</exception>
    public async Task<(AgentFigures Busy, FootprintFigures Idle)> RunAsync(CancellationToken cancellationToken)
    {
        var lives = new RecordedLives(options.Seed);
        lives.WriteHistory(folder[Path.Combine("lives", "first.csv")]);
        lives.WriteRecording(Recording, MoreFrames + (int)(options.Stretch.WarmUp + options.Stretch.Length).TotalSeconds);
        await using var cloud = await ServedCloud.StartAsync(folder["cloud"], brokerPort: null);
        using var api = new CloudApi(cloud.HttpPort);
        await using var busy = new MeasuredAgent(shipped, Busy, folder[Busy], cloud.MqttPort, Recording, []);
        await using var idle = new MeasuredAgent(shipped, Idle, folder[Idle], cloud.MqttPort, Recording, ["--pace", "01:00:00"]);

        Report.Progress($"The cloud trains a model and rolls it out …");
        _ = busy.Start();
        await TrainedModel.RollOutAsync(cloud, api, folder["plant"], folder["lives"], [Busy], cancellationToken);
        Model = await DeployedModel.ReadAsync(api, Busy, folder[Busy], cancellationToken);

        var starts = await StartAsync(busy, cancellationToken);
        _ = idle.Start();
        await idle.UntilAsync("it ran the model", async () => await TrainedModel.IsActiveAsync(api, Idle, cancellationToken));
        Report.Progress($"{options.Stretch.WarmUp.TotalSeconds} s of warm-up and {options.Stretch.Length.TotalSeconds} s of measuring …");
        var watched = await options.Stretch.WatchAsync([Watched(busy), Watched(idle)], cancellationToken);
        await idle.StopAsync(cancellationToken);
        await busy.StopAsync(cancellationToken);
        await cloud.StopAsync();

        var stored = await StoredAsync(watched, cancellationToken);
        return (Figures(watched.Processes[0], starts, stored), watched.Processes[1]);
    }

    private WatchedProgram Watched(MeasuredAgent agent) => new(agent.Id, shipped.Program, IsManaged: true);

    private async Task<IReadOnlyList<double>> StartAsync(MeasuredAgent agent, CancellationToken cancellationToken)
    {
        var starts = new List<double>();
        for (var i = 0; i < options.Starts; i++)
        {
            await agent.StopAsync(cancellationToken);
            starts.Add((await agent.StartToInferenceAsync()).TotalMilliseconds);
            Report.Progress($"start {i + 1}: {starts[^1]:0} ms to the first inference");
        }

        return starts;
    }

    private async Task<StoredFrames> StoredAsync(WatchedStretch watched, CancellationToken cancellationToken)
    {
        Task<StoredFrames> Of(string asset) => StoredFrames.ReadAsync(folder["cloud"], asset, ChannelShape.All.Count, watched.From, watched.To, cancellationToken);
        var (stored, expected) = (await Of(Busy), (int)(watched.To - watched.From).TotalSeconds - FramesOfGrace);
        if (stored.Frames < expected || stored.Predictions < expected)
        {
            throw new BenchmarkException($"The cloud has {stored.Frames} frames and {stored.Predictions} predictions of the measured stretch; {expected} at least should be there.");
        }

        return await Of(Idle) is { Frames: 0 } ? stored : throw new BenchmarkException("The idle agent has sampled in the measured stretch.");
    }

    private AgentFigures Figures(FootprintFigures watched, IReadOnlyList<double> starts, StoredFrames stored) => new()
    {
        RssMb = watched.RssMb,
        PeakRssMb = watched.PeakRssMb,
        CpuPercent = watched.CpuPercent,
        Memory = watched.Memory,
        StartMs = Percentile.Of([.. starts.Order()], 0.5),
        StartsMs = starts,
        DiskMb = shipped.Files.Sum(file => file.Bytes) / 1e6,
        Files = shipped.Files,
        Frames = stored.Frames,
        Predictions = stored.Predictions,
        ModelBytes = Model!.Onnx.Length,
    };
}
