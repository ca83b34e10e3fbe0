using System.Text.Json;
using MlOps.Edge.Benchmarks.Processes;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>
/// A model by the product's own way: the simulator defines it and brings the recorded lives of machines that failed, the cloud trains version 1 and
/// rolls it out to whatever is connected.
/// </summary>
internal static class TrainedModel
{
    public const string Name = $"{RecordedLives.MachineKind}-rul";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Returns when the rollout is finished and the devices have proved the model; the simulator has ended then.</summary>
    /// <exception cref="BenchmarkException">It did not come to that.</exception>
    public static async Task RollOutAsync(ServedCloud cloud, CloudApi api, string state, string recordings, IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        await using var simulator = StartedProcess.Start("the simulator", BuiltProgram.PathOf("MlOps.Edge.Simulator"),
        [
            "--data", recordings, "--loop", "--devices", "1", "--pace", "1", "--state", state,
            "--cloud", FormattableString.Invariant($"http://127.0.0.1:{cloud.HttpPort}"), "--broker", FormattableString.Invariant($"127.0.0.1:{cloud.MqttPort}"),
        ]);
        await simulator.UntilAsync("the rollout was finished", async () => await IsFinishedAsync(api, cancellationToken), Limit);
        foreach (var device in devices)
        {
            await simulator.UntilAsync($"{device} had proved the model", async () => await HasProvedAsync(api, device, cancellationToken), Limit);
        }

        await simulator.StopAsync();
    }

    /// <summary>Whether a device says that it runs a model, perhaps on probation.</summary>
    public static async Task<bool> IsActiveAsync(CloudApi api, string device, CancellationToken cancellationToken) =>
        await api.FindAsync($"devices/{device}", cancellationToken) is { } known && known.TryGetProperty("reported", out var reported) && reported.TryGetProperty("active", out _);

    private static async Task<bool> IsFinishedAsync(CloudApi api, CancellationToken cancellationToken) => await api.FindAsync("rollouts", cancellationToken) is { } rollouts
        && rollouts.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } rollout && rollout.GetProperty("state").GetString() switch
        {
            "finished" => true,
            "aborted" => throw new BenchmarkException($"The rollout of {Name} was aborted: {rollout.GetProperty("reason").GetString()}"),
            _ => false,
        };

    private static async Task<bool> HasProvedAsync(CloudApi api, string device, CancellationToken cancellationToken) =>
        await api.FindAsync($"devices/{device}", cancellationToken) is { } known && known.TryGetProperty("reported", out var reported)
        && reported.GetProperty("deployments").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } deployment
        && deployment.GetProperty("state").GetString() == "succeeded";
}
