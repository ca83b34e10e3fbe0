using System.Security.Cryptography;
using System.Text;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Gateway.Broker;

/// <summary>
/// A client's id is its device's id, and its rights are that device's topics. Only the gateway, known by a secret
/// that is made at each start and never leaves the process, speaks for the cloud.
/// </summary>
internal sealed class DeviceTopicPolicy(GatewayCredential gateway) : IBrokerPolicy
{
    public bool MayConnect(BrokerClient client, string? password) =>
        IsGateway(client) ? gateway.Matches(client.UserName, password) : DeviceId.TryParse(client.ClientId, null, out _);

    // A topic that nobody reads would stay in the broker for ever, so a device may use only those that mean something.
    public bool MayPublish(BrokerClient client, string topic) =>
        IsGateway(client) || (Topics.TryParseUp(topic, out var device, out _) && device.ToString() == client.ClientId);

    // A filter that begins with whole literal levels matches only what is below them.
    public bool MaySubscribe(BrokerClient client, string filter) =>
        IsGateway(client)
        || filter.StartsWith($"{Topics.Root}/d/{client.ClientId}/down/", StringComparison.Ordinal)
        || filter.StartsWith($"{Topics.Root}/b/", StringComparison.Ordinal)
        || filter.StartsWith($"{Topics.Root}/t/", StringComparison.Ordinal);

    private static bool IsGateway(BrokerClient client) => client.ClientId == GatewayCredential.ClientId;
}

/// <summary>How the gateway proves itself to the embedded broker.</summary>
internal sealed class GatewayCredential
{
    // Not a device id by the rule of ids, so no device can have it.
    public const string ClientId = "$gateway";

    public const string UserName = "gateway";

    public string Secret { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    public bool Matches(string? userName, string? password) =>
        userName == UserName && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password ?? ""), Encoding.UTF8.GetBytes(Secret));
}
