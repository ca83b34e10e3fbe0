using System.Net;
using System.Net.Sockets;

namespace MlOps.Edge.Host;

/// <summary>Where one cloud process lives: its folder and its three listeners, all on the loopback address unless configured.</summary>
internal sealed record CloudSettings
{
    /// <summary>Holds <c>cloud.db</c> and <c>keys/</c>.</summary>
    public required string DataFolder { get; init; }

    /// <summary>REST. 0: any free port.</summary>
    public int HttpPort { get; init; } = DefaultHttpPort;

    /// <summary>The embedded broker. 0: any free port.</summary>
    public int MqttPort { get; init; } = DefaultMqttPort;

    /// <summary>Time moves only when <c>POST /api/v1/clock</c> says so; no heartbeat of its own.</summary>
    public bool VirtualTime { get; init; }

    /// <summary>Only the rooms over the store: no broker, no gateway, no REST, no heartbeat.</summary>
    public bool ReadOnly { get; init; }

    public const int DefaultHttpPort = 5080;
    public const int DefaultMqttPort = 1883;

    /// <summary>Makes the folder, and proves that it can be written.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static string Writable(string folder, string option)
    {
        var full = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(full);
            var probe = Path.Combine(full, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"The folder '{full}' cannot be written ({e.Message}). Choose another with {option}.");
        }
    }

    /// <summary>A port for <paramref name="wanted"/>: itself, when it is free.</summary>
    /// <exception cref="UserErrorException">It is taken.</exception>
    public static int FreePort(int wanted, string what, string option)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, wanted);
            probe.Start();
            return ((IPEndPoint)probe.LocalEndpoint).Port;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new UserErrorException($"Port {wanted} for {what} is taken. Stop what listens there, or choose another with {option}.");
        }
    }
}
