namespace MlOps.Edge.Benchmarks.Peers;

/// <summary>A peer cannot run on this machine; the message says why.</summary>
internal sealed class PeerSkippedException(string message) : Exception(message);
