using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MlOps.Edge.Host.Tests;

/// <summary>A port that another program took after it had been found free: the start fails as the libraries fail, and is told as one line.</summary>
[Collection("one cloud at a time")]
public sealed class PortTakenTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-host-");
    private readonly TcpListener _holder = new(IPAddress.Loopback, 0);

    public PortTakenTests() => _holder.Start();

    public void Dispose()
    {
        _holder.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("--http-port")]
    [InlineData("Gateway:Broker:Port")]
    public async Task A_port_lost_between_the_check_and_the_start_is_one_line_and_a_conflict(string wayOut)
    {
        var taken = ((IPEndPoint)_holder.LocalEndpoint).Port;
        var free = CloudSettings.FreePort(0, "REST", "");
        var http = wayOut == "--http-port";
        var settings = new CloudSettings { DataFolder = _folder.FullName, HttpPort = http ? taken : free, MqttPort = http ? free : taken, VirtualTime = true };

        Exception? thrown = null;
        await using (var app = CloudHost.Build(settings, quiet: true))
        {
            thrown = await Record.ExceptionAsync(() => app.StartAsync(TestContext.Current.CancellationToken));
        }

        var error = Guarded.Mendable(Assert.IsAssignableFrom<Exception>(thrown));
        Assert.Equal(ExitCodes.Conflict, error?.ExitCode);
        Assert.Contains(taken.ToString(CultureInfo.InvariantCulture), error!.Message, StringComparison.Ordinal);
        Assert.Contains(wayOut, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
