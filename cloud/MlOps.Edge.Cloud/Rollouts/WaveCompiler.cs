using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Edge.Cloud.Rollouts;

/// <summary>From what was asked (<see cref="RolloutPlan"/>) to which device is in which wave. The same plan and fleet give the same waves.</summary>
internal static class WaveCompiler
{
    /// <summary>The plan's waves, or the configured default: with a champion shadow → canary → rest, without one active waves only.</summary>
    public static WavePlan[] Plan(RolloutPlan plan, bool champion, TimeSpan sampleInterval, RolloutOptions options)
    {
        if (plan.Waves is not [])
        {
            return plan.Waves;
        }

        var soak = options.SoakIntervals * sampleInterval;
        var deadline = options.DeadlineAfter(sampleInterval);
        return champion
            ? [
                new(WaveMode.Shadow, options.CanaryFraction, soak, deadline),
                new(WaveMode.Active, options.CanaryFraction, soak, deadline),
                .. options.SharesAfterCanary.Select(share => new WavePlan(WaveMode.Active, share, soak, deadline)),
            ]
            : [.. options.FirstModelShares.Select(share => new WavePlan(WaveMode.Active, share, soak, deadline))];
    }

    /// <summary>
    /// Gives each wave its devices. A shadow wave and the active waves walk the same order, each from its start: so the canary is
    /// the shadow wave's devices, and an active wave takes those that no active wave took before it.
    /// </summary>
    /// <exception cref="InvalidRolloutException">The waves contradict themselves.</exception>
    public static Wave[] Compile(RolloutPlan plan, IReadOnlyList<WavePlan> waves, IEnumerable<string> devices, RolloutOptions options)
    {
        Check(waves);
        string[] order = [.. devices.OrderBy(d => Draw(plan, d)).ThenBy(d => d, StringComparer.Ordinal)];
        List<Wave> compiled = [];
        Dictionary<WaveMode, int> reached = new() { [WaveMode.Shadow] = 0, [WaveMode.Active] = 0 };
        foreach (var wave in waves)
        {
            var from = reached[wave.Mode];
            var to = Math.Clamp((int)Math.Ceiling(wave.Fraction * order.Length), Math.Max(from + 1, options.SmallestWave), int.MaxValue);
            to = Math.Min(to, order.Length);
            if (to == from)
            {
                continue; // a small fleet has fewer waves
            }

            reached[wave.Mode] = to;
            compiled.Add(new()
            {
                Number = compiled.Count + 1,
                Mode = wave.Mode,
                Devices = [.. order[from..to].Order(StringComparer.Ordinal)],
                Soak = wave.Soak,
                Deadline = wave.Deadline,
            });
        }

        return [.. compiled];
    }

    // A hash of version and device: stable, even, and not the alphabet, so that one site's names do not make a wave.
    private static ulong Draw(RolloutPlan plan, string device) => BinaryPrimitives.ReadUInt64BigEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{plan.Model}:{plan.Version}/{device}"))));

    private static void Check(IReadOnlyList<WavePlan> waves)
    {
        for (var i = 0; i < waves.Count; i++)
        {
            var (mode, fraction, soak, deadline) = waves[i];
            if (fraction is not (> 0 and <= 1))
            {
                throw new InvalidRolloutException(Text($"wave {i + 1} asks for a share of {fraction} of the devices; a share is above 0 and at most 1"));
            }

            if (soak < TimeSpan.Zero || deadline <= TimeSpan.Zero)
            {
                throw new InvalidRolloutException(Text($"wave {i + 1} has a soak of {soak} and a deadline of {deadline}; a soak is not negative and a deadline is positive"));
            }

            if (waves.Take(i).LastOrDefault(w => w.Mode == mode) is { } before && before.Fraction >= fraction)
            {
                throw new InvalidRolloutException(Text($"wave {i + 1} reaches {fraction:P0} of the devices, but wave {waves.ToList().IndexOf(before) + 1} reached {before.Fraction:P0} already; shares are cumulative"));
            }
        }

        if (waves is not [.., { Mode: WaveMode.Active }])
        {
            throw new InvalidRolloutException("the last wave must make the version active");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
