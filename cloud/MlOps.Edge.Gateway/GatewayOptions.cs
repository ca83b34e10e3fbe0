using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace MlOps.Edge.Gateway;

/// <summary>How the cloud speaks MQTT. Section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The broker's host name. Default: this machine, where the embedded broker is.</summary>
    [Required]
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The broker's port; 0: the embedded broker's, or 1883. Default: 0.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>Credentials for a broker of your own; the embedded one makes its own at each start. Default: none.</summary>
    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>TLS towards the broker, its certificate checked against the machine's trust store. Default: off.</summary>
    public bool UseTls { get; set; }

    /// <summary>How long the connection to the broker may be silent before the gateway asks whether it still stands. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages taken from a broker of your own and not yet stored (MQTT Receive Maximum). Default: 1024.</summary>
    [Range(1, 65535)]
    public int ReceiveMaximum { get; set; } = 1024;

    /// <summary>Bytes of messages of all devices that are taken and not yet stored. Who finds no room waits. Default: 128 MiB.</summary>
    [Range(1024 * 1024, 64L * 1024 * 1024 * 1024)]
    public long MaxInFlightBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>The share of it that one device may take; a message larger than that comes alone. Default: 4 MiB.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public long MaxInFlightBytesPerDevice { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long a message waits for room before it is dropped unacknowledged, which the device makes good. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What one device may send. Section <c>Gateway:Limits</c>.</summary>
    [ValidateObjectMembers]
    public DeviceLimitOptions Limits { get; set; } = new();

    /// <summary>The broker inside this process. Section <c>Gateway:Broker</c>.</summary>
    [ValidateObjectMembers]
    public BrokerOptions Broker { get; set; } = new();

    /// <summary>What devices say goes from the embedded broker straight to their lanes; the gateway's own connection is for what is retained.</summary>
    internal bool Direct => Broker.Enabled && EffectivePort == Broker.Port;

    internal int EffectivePort => Port != 0 ? Port : Broker.Enabled ? Broker.Port : BrokerOptions.DefaultPort;
}

/// <summary>The embedded broker. Section <c>Gateway:Broker</c>.</summary>
public sealed class BrokerOptions
{
    public const int DefaultPort = 1883;

    /// <summary>Whether this process is the broker. Default: it is.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The IP address to listen on. Default: this machine only; devices elsewhere need 0.0.0.0.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Default: 1883.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = DefaultPort;

    /// <summary>The largest payload a client may publish, in bytes; a larger one ends its connection. Default: 1 MiB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>Messages that wait for one client before new ones are dropped; devices send again what was not acknowledged. Default: 10,000.</summary>
    [Range(10, 1_000_000)]
    public int MaxPendingPerClient { get; set; } = 10_000;
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;

/// <summary>The embedded broker listens on an address, not on a name.</summary>
internal sealed class BrokerAddressMustBeIp : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) => !options.Broker.Enabled || IPAddress.TryParse(options.Broker.Address, out _)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"{GatewayOptions.Section}:Broker:Address '{options.Broker.Address}' is not an IP address; write e.g. 127.0.0.1 or 0.0.0.0.");
}

/// <summary>The gateway cannot start as it is set up: the message is one line that says what and how.</summary>
public sealed class GatewayException(string message, Exception? inner = null) : Exception(message, inner);
