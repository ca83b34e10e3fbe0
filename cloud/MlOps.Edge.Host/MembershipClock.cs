namespace MlOps.Edge.Host;

/// <summary>
/// The clock of the silo's membership: the system's, with timestamps that begin with the process instead of the machine. Orleans 10.4.2
/// starts its watchdog's first thread before it has noted when the second one last ran; that thread then measures from timestamp 0, takes
/// the machine's uptime for a stall, warns, and counts it against the silo's health.
/// </summary>
internal sealed class MembershipClock : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long GetTimestamp() => System.GetTimestamp() - _start;
}
