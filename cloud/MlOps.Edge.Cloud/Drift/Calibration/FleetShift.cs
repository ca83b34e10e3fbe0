namespace MlOps.Edge.Cloud.Drift.Calibration;

/// <summary>One unit's standard scores for one detector, by channel; NaN where its device's channel is set aside as broken.</summary>
internal readonly record struct UnitScores(int Device, double[] Channels);

/// <summary>
/// Whether units moved together in one channel: Σ z / √n over units, weighted equally, after the one device that argues
/// for it most has been left out, in whichever direction is stronger. One device, whatever its sensors say, adds nothing
/// to it; a drift that two or more devices share does.
/// </summary>
internal static class FleetShift
{
    /// <summary>The statistic per channel, signed by the direction of the movement; 0 where nothing is left once a device is left out.</summary>
    public static double[] Of(IReadOnlyList<UnitScores> units, int channels)
    {
        var shift = new double[channels];
        var devices = units.Count == 0 ? 0 : units.Max(u => u.Device) + 1;
        var byDevice = new double[devices];
        for (var channel = 0; channel < channels; channel++)
        {
            Array.Clear(byDevice);
            double sum = 0;
            var counted = 0;
            foreach (var unit in units)
            {
                var score = unit.Channels[channel];
                if (!double.IsNaN(score))
                {
                    byDevice[unit.Device] += score;
                    sum += score;
                    counted++;
                }
            }

            double highest = 0, lowest = 0;
            foreach (var device in byDevice)
            {
                highest = Math.Max(highest, device);
                lowest = Math.Min(lowest, device);
            }

            var up = Math.Max(0, sum - highest);
            var down = Math.Max(0, lowest - sum);
            shift[channel] = counted == 0 ? 0 : (up >= down ? up : -down) / Math.Sqrt(counted);
        }

        return shift;
    }
}
