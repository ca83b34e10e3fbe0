using System.Globalization;
using System.Net.Sockets;

namespace MlOps.Edge.EndToEnd.Processes;

/// <summary>The broker mosquitto as a process, on a folder and a port that stay the same over restarts.</summary>
internal sealed class Mosquitto(string folder) : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    private RunningProgram? _process;

    /// <summary>Where it is installed; null: it is not.</summary>
    public static string? Program { get; } = Array.Find(Places, File.Exists);

    public int Port { get; } = Ports.Free();

    /// <summary>Starts it, and returns when it listens.</summary>
    public async Task StartAsync()
    {
        Directory.CreateDirectory(folder);
        var settings = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(settings, string.Create(CultureInfo.InvariantCulture, $"""
            listener {Port} 127.0.0.1
            allow_anonymous true
            user {Environment.UserName}
            persistence true
            persistence_location {folder}/
            autosave_interval 1
            """), TestContext.Current.CancellationToken);
        _process = BuiltProgram.StartFile("mosquitto", Program!, new Dictionary<string, string>(), "-c", settings);
        await Wait.UntilAsync("mosquitto listens", async () =>
        {
            Assert.False(_process.HasExited, "mosquitto ended");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", Port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    /// <summary>Deletes what it would remember over a restart, while it is down.</summary>
    public void Forget() => File.Delete(Path.Combine(folder, "mosquitto.db"));

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
