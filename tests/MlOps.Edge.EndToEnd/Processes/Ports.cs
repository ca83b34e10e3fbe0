using MlOps.Edge.Host;

namespace MlOps.Edge.EndToEnd.Processes;

internal static class Ports
{
    /// <summary>A port of the loopback address that nobody listens on, and that no outgoing connection is given.</summary>
    public static int Free() => CloudSettings.FreePort(0, "a test", "");
}
