namespace MlOps.Edge.Cloud.Drift.Faults;

/// <summary>How a sensor lies.</summary>
internal enum DeviceFaultKind { Stuck = 0, Offset = 1, Spikes = 2, Missing = 3 }

/// <summary>One channel of one device that has stopped telling the truth about its machine.</summary>
/// <param name="Score">How far beyond the limit: 1 is at it.</param>
/// <param name="SinceFrame">The operating age of the installation <paramref name="Installation"/> at which it was first seen.</param>
/// <param name="Evidence">In plain words.</param>
internal sealed record DeviceFault(
    string Device, string Asset, long Installation, string Channel, DeviceFaultKind Kind, long SinceFrame, double Score, string Evidence);
