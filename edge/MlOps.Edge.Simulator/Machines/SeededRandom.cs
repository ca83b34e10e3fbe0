using System.Numerics;

namespace MlOps.Edge.Simulator.Machines;

/// <summary>
/// xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021), seeded by
/// SplitMix64 from a seed and a name. A name is a stream of its own: a draw added to one stream moves no other. The
/// framework's <see cref="Random"/> does not promise the same numbers in its next version; this one cannot change.
/// </summary>
internal sealed class SeededRandom
{
    private ulong _s0, _s1, _s2, _s3;
    private double? _spareNormal;

    public SeededRandom(long seed, string stream)
    {
        // FNV-1a over the name; SplitMix64 then spreads whatever it is given over the whole state.
        var state = 14695981039346656037UL;
        foreach (var c in stream)
        {
            state = (state ^ c) * 1099511628211UL;
        }

        state ^= BitOperations.RotateLeft((ulong)seed * 0x9E3779B97F4A7C15UL, 31);
        (_s0, _s1, _s2, _s3) = (SplitMix(ref state), SplitMix(ref state), SplitMix(ref state), SplitMix(ref state));
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in low..high, both included.</summary>
    public int Between(int low, int high) => low + (int)((high - low + 1) * NextDouble());

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Normal with mean 0 and standard deviation 1 (Marsaglia's polar method, 1964).</summary>
    public double Normal()
    {
        if (_spareNormal is { } spare)
        {
            _spareNormal = null;
            return spare;
        }

        double x, y, r;
        do
        {
            x = (2 * NextDouble()) - 1;
            y = (2 * NextDouble()) - 1;
            r = (x * x) + (y * y);
        }
        while (r is >= 1 or 0);

        var scale = Math.Sqrt(-2 * Math.Log(r) / r);
        _spareNormal = y * scale;
        return x * scale;
    }

    /// <summary>A positive factor around 1: exp of a normal, cut at ±2.5 deviations so that no unit is a freak.</summary>
    public double Factor(double deviation) => Math.Exp(deviation * Math.Clamp(Normal(), -2.5, 2.5));

    /// <summary>A new list in random order (Fisher and Yates).</summary>
    public IReadOnlyList<T> Shuffle<T>(IEnumerable<T> items)
    {
        T[] shuffled = [.. items];
        for (var last = shuffled.Length - 1; last > 0; last--)
        {
            var other = Between(0, last);
            (shuffled[last], shuffled[other]) = (shuffled[other], shuffled[last]);
        }

        return shuffled;
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private ulong NextBits()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }
}
