using System.Security.Cryptography;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent;

/// <summary>Who speaks.</summary>
/// <param name="Device">The device id, one topic level.</param>
/// <param name="Group">The fleet group.</param>
/// <param name="Session">Random per start of the agent.</param>
/// <param name="TelemetryOnly">It takes no model.</param>
internal sealed record AgentIdentity(DeviceId Device, string Group, string Session, bool TelemetryOnly = false)
{
    public static AgentIdentity New(AgentOptions options) =>
        new(DeviceId.Parse(options.Device), options.Group, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), options.TelemetryOnly);
}
