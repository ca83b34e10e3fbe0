using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.EndToEnd.Processes;

/// <summary><c>serve</c> as a process, on a folder and ports that stay the same over restarts.</summary>
internal sealed class ServedCloud(string folder, ServedCloudOptions? options = null) : IAsyncDisposable
{
    private readonly ServedCloudOptions _options = options ?? new();
    private RunningProgram? _process;

    public string Folder => folder;

    public int HttpPort { get; } = Ports.Free();

    public int MqttPort { get; } = Ports.Free();

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}");

    public string Broker => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{MqttPort}");

    /// <summary>Starts it, and returns at once.</summary>
    public void Launch() => _process = Start(
        BuiltProgram.Host,
        ["serve", "--data-folder", folder, "--http-port", HttpPort.ToString(CultureInfo.InvariantCulture), "--mqtt-port", MqttPort.ToString(CultureInfo.InvariantCulture)]);

    private RunningProgram Start(string program, IEnumerable<string> arguments) =>
        _options.Start?.Invoke(program, arguments) ?? BuiltProgram.StartIn(_options.Environment, program, arguments);

    /// <summary>Starts it, and returns when it serves.</summary>
    public Task StartAsync()
    {
        Launch();
        return _process!.SaidAsync("The cloud is up.");
    }

    /// <summary>Returns when it answers, also after it has started itself again.</summary>
    public Task IsServingAsync() => Wait.UntilAsync("the cloud answers", async () => (await AskAsync("device", "list")).ExitCode == 0);

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task EndAsync()
    {
        await _process!.EndAsync();
        await _process.DisposeAsync();
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async Task StopAsync()
    {
        var ended = await _process!.StopAsync();
        await _process.DisposeAsync();
        Assert.True(ended.ExitCode == 0, ended.Error);
    }

    /// <summary>What it has stored, beside it or after it.</summary>
    public ServiceProvider OpenStores() => _options.AddStores(new ServiceCollection(), folder).BuildServiceProvider();

    /// <summary>The person at the keyboard.</summary>
    public Task<ProgramResult> AskAsync(params IEnumerable<string> arguments) => BuiltProgram.RunAsync(BuiltProgram.Cli, [.. arguments, "--url", Url]);

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>How a <see cref="ServedCloud"/> differs from one that was given nothing but its folder and ports.</summary>
internal sealed record ServedCloudOptions
{
    /// <summary>Settings, as <c>MLOPS_…</c> variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How it is started, with the environment as it is; null: as a program with <see cref="Environment"/>.</summary>
    public Func<string, IEnumerable<string>, RunningProgram>? Start { get; init; }

    /// <summary>Adds the stores that it writes to, to be read beside it; the second is its folder.</summary>
    public Func<IServiceCollection, string, IServiceCollection> AddStores { get; init; } = (services, folder) => services.AddSqliteStores(folder, readOnly: true);

    /// <summary>A cloud without a broker of its own, that goes to one on this machine.</summary>
    public ServedCloudOptions WithBrokerAt(int port) => this with
    {
        Environment = new Dictionary<string, string>(Environment)
        {
            ["MLOPS_Gateway__Broker__Enabled"] = "false",
            ["MLOPS_Gateway__Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["MLOPS_Gateway__KeepAlive"] = "00:00:02",
        },
    };
}
