using System.Globalization;

namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>The built cloud, as anyone starts it: <c>serve</c> on a folder, with its own broker or one beside it.</summary>
internal sealed class ServedCloud : IAsyncDisposable
{
    private readonly StartedProcess _process;

    private ServedCloud(StartedProcess process, int mqttPort, int httpPort) => (_process, MqttPort, HttpPort) = (process, mqttPort, httpPort);

    public int Id => _process.Id;

    /// <summary>Where devices connect.</summary>
    public int MqttPort { get; }

    /// <summary>Of the REST API.</summary>
    public int HttpPort { get; }

    /// <param name="brokerPort">Of a broker beside it; null: its own.</param>
    /// <param name="settings">Further ones, as environment variables.</param>
    public static async Task<ServedCloud> StartAsync(string folder, int? brokerPort, IReadOnlyDictionary<string, string>? settings = null)
    {
        var (mqttPort, httpPort) = (brokerPort ?? Ports.Free(), Ports.Free());
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var linked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var environment = new Dictionary<string, string>(settings ?? new Dictionary<string, string>());
        if (brokerPort is not null)
        {
            environment["MLOPS_Gateway__Broker__Enabled"] = "false";
            environment["MLOPS_Gateway__Host"] = "127.0.0.1";
            environment["MLOPS_Gateway__Port"] = Number(mqttPort);
        }

        var process = StartedProcess.Start(
            "the cloud", BuiltProgram.PathOf("MlOps.Edge.Host"), ["serve", "--data-folder", folder, "--http-port", Number(httpPort), "--mqtt-port", Number(mqttPort)],
            environment,
            line =>
            {
                if (line.Contains("The cloud is up.", StringComparison.Ordinal))
                {
                    up.TrySetResult();
                }
                else if (line.Contains("Connected to the broker", StringComparison.Ordinal))
                {
                    linked.TrySetResult();
                }
            });
        var cloud = new ServedCloud(process, mqttPort, httpPort);
        await process.UntilAsync("it was up", () => Task.FromResult(up.Task.IsCompleted && linked.Task.IsCompleted));
        return cloud;
    }

    public Task StopAsync() => _process.StopAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
