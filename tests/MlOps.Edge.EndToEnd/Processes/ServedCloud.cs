using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.EndToEnd.Processes;

/// <summary><c>serve</c> as a process, on a folder and ports that stay the same over restarts.</summary>
/// <param name="start">How programs are started; null: plainly.</param>
internal sealed class ServedCloud(string folder, Func<string, IEnumerable<string>, RunningProgram>? start = null) : IAsyncDisposable
{
    private RunningProgram? _process;

    public string Folder => folder;

    public int HttpPort { get; } = Ports.Free();

    public int MqttPort { get; } = Ports.Free();

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}");

    public string Broker => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{MqttPort}");

    /// <summary>Starts it, and returns at once.</summary>
    public void Launch() => _process = (start ?? BuiltProgram.Start)(
        BuiltProgram.Host,
        ["serve", "--data-folder", folder, "--http-port", HttpPort.ToString(CultureInfo.InvariantCulture), "--mqtt-port", MqttPort.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Starts it, and returns when it serves.</summary>
    public Task StartAsync()
    {
        Launch();
        return _process!.SaidAsync("The cloud is up.");
    }

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
    public ServiceProvider OpenStores() => new ServiceCollection().AddSqliteStores(folder, readOnly: true).BuildServiceProvider();

    /// <summary>The person at the keyboard.</summary>
    public Task<ProgramResult> AskAsync(params IEnumerable<string> arguments) => BuiltProgram.RunAsync(BuiltProgram.Cli, [.. arguments, "--url", Url]);

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
