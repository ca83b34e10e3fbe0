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
    /// the shadow wave's devices, and an active wave takes those that no active wave took before it. No wave is smaller than
    /// <see cref="RolloutOptions.SmallestWave"/>, or one device would speak for it: a smaller one takes the next devices too, and where
    /// too few are left they join the wave of the same mode before it, which is then watched as long as the more patient of the two.
    /// </summary>
    /// <exception cref="InvalidRolloutException">The waves contradict themselves.</exception>
    public static Wave[] Compile(RolloutPlan plan, IReadOnlyList<WavePlan> waves, IEnumerable<string> devices, RolloutOptions options)
    {
        Check(waves);
        string[] order = [.. devices.OrderBy(d => Draw(plan, d)).ThenBy(d => d, StringComparer.Ordinal)];
        List<Stretch> stretches = [];
        foreach (var wave in waves)
        {
            var before = stretches.FindLastIndex(s => s.Wave.Mode == wave.Mode);
            var from = before < 0 ? 0 : stretches[before].To;
            var to = Math.Min(Math.Max((int)Math.Ceiling(wave.Fraction * order.Length), from + options.SmallestWave), order.Length);
            if (before >= 0 && to - from < options.SmallestWave)
            {
                stretches[before] = stretches[before].Joined(wave, to);
            }
            else
            {
                stretches.Add(new(wave, from, to));
            }
        }

        return
        [
            .. stretches.Select((s, i) => new Wave
            {
                Number = i + 1,
                Mode = s.Wave.Mode,
                Devices = [.. order[s.From..s.To].Order(StringComparer.Ordinal)],
                Soak = s.Wave.Soak,
                Deadline = s.Wave.Deadline,
            }),
        ];
    }

    /// <summary>A wave's part of the order: from, inclusive, to, exclusive.</summary>
    private sealed record Stretch(WavePlan Wave, int From, int To)
    {
        public Stretch Joined(WavePlan next, int to) => new(Wave with { Soak = Longer(Wave.Soak, next.Soak), Deadline = Longer(Wave.Deadline, next.Deadline) }, From, to);

        private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
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
