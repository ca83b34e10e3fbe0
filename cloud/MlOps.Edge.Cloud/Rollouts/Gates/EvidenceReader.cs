using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Rollouts.Gates;

/// <summary>Takes what devices predicted out of stored batches.</summary>
internal sealed class EvidenceReader(ITelemetryStore store)
{
    private const int PageSize = 500;

    /// <summary>How many windows of each device and version are kept, the newest by device time: a rollout may be paused for weeks.</summary>
    internal const int WindowsPerDevice = 1000;

    /// <summary>The position of the newest batch; 0 when there is none. Positions grow, so doubling steps and then halving them find it.</summary>
    public async Task<long> FindEndAsync(CancellationToken cancellationToken)
    {
        long reached = 0;
        for (long step = 1; step > 0;)
        {
            if (await store.ReadAsync(reached + step - 1, 1, cancellationToken) is [var batch])
            {
                reached = batch.Position;
                step *= 2;
            }
            else
            {
                step /= 2;
            }
        }

        return reached;
    }

    /// <summary>Takes in every batch behind the bookmark; keeps what <paramref name="devices"/> predicted with the model's <paramref name="versions"/>.</summary>
    public async Task<EvidenceRecord> PullAsync(
        EvidenceRecord evidence, string model, IReadOnlySet<int> versions, IReadOnlySet<string> devices, TimeSpan sampleInterval, CancellationToken cancellationToken)
    {
        var bookmark = evidence.Bookmark ?? 0;
        List<PredictionSample> samples = [.. evidence.Samples];
        var clocks = evidence.Clocks.ToDictionary(c => c.Unit);
        while (await store.ReadAsync(bookmark, PageSize, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var stored in page)
            {
                bookmark = stored.Position;
                var device = stored.Device.ToString();
                if (devices.Contains(device))
                {
                    Take(device, TelemetryReader.Decode(stored), model, versions, sampleInterval, clocks, samples);
                }
            }
        }

        return new() { Bookmark = bookmark, Samples = Newest(samples), Clocks = [.. clocks.Values.OrderBy(c => c.Unit, StringComparer.Ordinal)] };
    }

    // Which ones stay depends on the samples and not on the order in which they came.
    private static PredictionSample[] Newest(List<PredictionSample> samples) => samples.Count <= WindowsPerDevice ? [.. samples] :
    [
        .. samples.GroupBy(s => (s.Device, s.Version)).SelectMany(device => device.Count() <= WindowsPerDevice ? device.AsEnumerable()
            : device.OrderByDescending(s => s.Time).ThenBy(s => s.Unit, StringComparer.Ordinal).ThenByDescending(s => s.Frame).Take(WindowsPerDevice)),
    ];

    private static void Take(
        string device, TelemetryBatch batch, string model, IReadOnlySet<int> versions, TimeSpan sampleInterval, Dictionary<string, UnitClock> clocks, List<PredictionSample> samples)
    {
        var times = new Dictionary<(string Unit, long Frame), DateTimeOffset>();
        foreach (var readings in batch.Readings)
        {
            var unit = $"{readings.Asset}#{readings.Installation}";
            var time = readings.FirstTimeMs;
            for (var i = 0; i < readings.Frames; i++)
            {
                time += i == 0 ? 0 : readings.IntervalMs > 0 ? readings.IntervalMs : readings.TimeDeltasMs[i - 1];
                var frame = (long)readings.FirstFrame + i;
                var at = DateTimeOffset.FromUnixTimeMilliseconds(time);
                times[(unit, frame)] = at;
                if (!clocks.TryGetValue(unit, out var clock) || clock.Frame < frame)
                {
                    clocks[unit] = new(unit, frame, at);
                }
            }
        }

        foreach (var said in batch.Predictions.Where(p => p.Model == model && versions.Contains((int)p.Version)))
        {
            var unit = $"{said.Asset}#{said.Installation}";
            var (rul, lower, upper) = (Output(said, "rul"), Output(said, "rul_lower"), Output(said, "rul_upper"));
            for (var i = 0; i < said.Frames.Count; i++)
            {
                var frame = (long)said.Frames[i];
                if (times.TryGetValue((unit, frame), out var at) || Extrapolate(unit, frame, out at))
                {
                    // A missing output is as bad as one that is not a number, and the health gate says so.
                    samples.Add(new(device, unit, (int)said.Version, frame, at, At(rul, i), At(lower, i), At(upper, i)));
                }
            }
        }

        bool Extrapolate(string unit, long frame, out DateTimeOffset at)
        {
            var known = clocks.TryGetValue(unit, out var clock);
            at = known ? clock.Time + (frame - clock.Frame) * sampleInterval : default;
            return known;
        }
    }

    private static OutputColumn? Output(Predictions said, string name) => said.Outputs.FirstOrDefault(o => o.Name == name);

    private static float At(OutputColumn? column, int row) => column is not null && row < column.Values.Count ? column.Values[row] : float.NaN;
}
