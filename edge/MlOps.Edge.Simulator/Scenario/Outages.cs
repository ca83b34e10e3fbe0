using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>A stretch in which a device has no link. It goes on sampling and keeps what it has.</summary>
internal sealed record Outage(int Device, int FirstTick, int LastTick);

/// <summary>
/// Two devices have a bad line. The first goes off when the first model is being rolled out, so that the rollout has an unknown
/// to reckon with; then they take turns all along, since nobody here knows when the next rollout will be.
/// </summary>
internal static class Outages
{
    private const int Shortest = 30;
    private const int Longest = 60;
    private const int ShortestCalm = 40;
    private const int LongestCalm = 100;

    /// <param name="devices">One or two indices; none: no outages.</param>
    public static IReadOnlyList<Outage> Draw(IReadOnlyList<int> devices, int ticks, SeededRandom random)
    {
        List<Outage> outages = [];
        var tick = random.Between(2, 8);
        while (devices.Count > 0 && tick < ticks)
        {
            var last = tick + random.Between(Shortest, Longest) - 1;
            outages.Add(new Outage(devices[outages.Count % devices.Count], tick, Math.Min(last, ticks - 1)));
            tick = last + 1 + random.Between(ShortestCalm, LongestCalm);
        }

        return outages;
    }
}
