using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Host;

/// <summary>Where one cloud process lives: its folder and its listeners, all on the loopback address unless configured.</summary>
internal sealed record CloudSettings
{
    public const int DefaultHttpPort = 5080;
    public const int DefaultMqttPort = 1883;

    /// <summary>Holds <c>cloud.db</c> and <c>keys/</c>.</summary>
    public required string DataFolder { get; init; }

    public required int HttpPort { get; init; }

    /// <summary>The embedded broker's.</summary>
    public required int MqttPort { get; init; }

    /// <summary>The connection string of the PostgreSQL database that telemetry is in; null: it is in <c>cloud.db</c>.</summary>
    public string? PostgresTelemetry { get; init; }

    public bool EmbeddedBroker { get; init; } = true;

    /// <summary>Time moves only when <c>POST /api/v1/clock</c> says so; no heartbeat of its own.</summary>
    public bool VirtualTime { get; init; }

    public Uri Api => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}"));

    /// <summary>Nobody else listens where this cloud is to.</summary>
    public bool PortsAreFree => IsFree(HttpPort) && (!EmbeddedBroker || IsFree(MqttPort));

    /// <summary>Makes the folder, and proves that it can be written.</summary>
    /// <exception cref="UserErrorException">It cannot.</exception>
    public static string Writable(string folder, string option)
    {
        var full = Path.GetFullPath(folder);
        try
        {
            Durable.CreateFolder(full);
            var probe = Path.Combine(full, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException(File.Exists(full)
                ? $"The folder '{full}' cannot be written: it is a file. Choose another with {option}."
                : $"The folder '{full}' cannot be written ({(e is FileNotFoundException ? "nothing can be made there" : e.Message.TrimEnd('.'))}); choose another with {option}.");
        }
    }

    /// <summary>A port for <paramref name="wanted"/>: itself, when it is free; 0: any.</summary>
    /// <exception cref="UserErrorException">It is taken, or no port.</exception>
    public static int FreePort(int wanted, string what, string option)
    {
        if (wanted is < 0 or > 65535)
        {
            throw new UserErrorException($"{wanted} is no port for {what}; choose 0 to 65535 with {option}.", ExitCodes.Usage);
        }

        if (wanted == 0)
        {
            return AnyPort();
        }

        return IsFree(wanted) ? wanted : throw new UserErrorException($"Port {wanted} for {what} is taken. Stop what listens there, or choose another with {option}.", ExitCodes.Conflict);
    }

    // From below those that systems give to outgoing connections (RFC 6335 has them from 49152 on, Linux from 32768): between the choice and the listening nobody is given it by chance.
    private static int AnyPort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(10_000, 20_000);
            if (IsFree(port))
            {
                return port;
            }
        }

        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }

    /// <exception cref="UserErrorException">The setting is there and empty.</exception>
    public static string? Folder(IConfiguration configuration, string key) => configuration[key] is { } folder && string.IsNullOrWhiteSpace(folder)
        ? throw new UserErrorException($"{key} is empty; name a folder, or leave it out.", ExitCodes.Usage)
        : configuration[key];

    /// <exception cref="UserErrorException">The setting is no number.</exception>
    public static int Port(IConfiguration configuration, string key, int otherwise) => configuration[key] is not { } text ? otherwise
        : int.TryParse(text, CultureInfo.InvariantCulture, out var port) ? port
        : throw new UserErrorException($"{key} is '{text}'; it must be a port number.", ExitCodes.Usage);
}
