using System.Globalization;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>What the device's clock and its uptime say, so that the cloud may find out by how much the clock was wrong.</summary>
internal sealed class SessionClock(AgentIdentity identity, TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();
    private readonly ulong _session = ulong.Parse(identity.Session, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    public DeviceClock Now => new() { Session = _session, UptimeMs = Uptime, TimeMs = clock.GetUtcNow().ToUnixTimeMilliseconds() };

    /// <summary><c>session:uptime</c>: 16 hexadecimal digits, and milliseconds since the start of the session.</summary>
    public string Stamp => string.Create(CultureInfo.InvariantCulture, $"{_session:x16}:{Uptime}");

    private ulong Uptime => (ulong)clock.GetElapsedTime(_start).TotalMilliseconds;
}
