using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Ingest;

/// <summary>What the figures of a case are held against: numbers on two processors of this day's kind, or peers in the same run.</summary>
internal static class IngestLimits
{
    private const double DiskBytes = 1.6;

    public static IReadOnlyList<Limit> Of(CaseFigures figures) =>
    [
        .. figures.Case switch
        {
            "48" => OfPeers(figures, 1 / 8.0, "an eighth"),
            "1" => OfPeers(figures, 1 / 2.0, "half"),
            "240" =>
            [
                new("CPU seconds per million", figures.CpuSecondsPerMillion, AtMost: 0.3),
                new("durable readings a second, generator included", figures.ReadingsPerSecond, AtLeast: 1_500_000),
            ],
            _ => (Limit[])[new("p50, ms", figures.P50Ms, AtMost: 5), new("p99, ms", figures.P99Ms, AtMost: 50)],
        },

        // One sensor has no neighbours to share a block with until its readings are compacted; the bound holds for it, too.
        new("bytes a reading after compaction", figures.BytesPerReading, AtMost: DiskBytes),
    ];

    private static IEnumerable<Limit> OfPeers(CaseFigures figures, double share, string words) => figures.Peers
        .Where(peer => peer.CpuSecondsPerMillion is not null)
        .Select(peer => new Limit($"CPU seconds per million against {words} of {peer.Name}'s", figures.CpuSecondsPerMillion, AtMost: peer.CpuSecondsPerMillion * share));
}
