namespace MlOps.Edge.Benchmarks.Signal;

/// <summary>Numbers that are the same on every machine and in every version of the framework: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
internal sealed class SeededNormal(long seed)
{
    private ulong _state = (ulong)seed;

    /// <summary>Uniform in (0, 1].</summary>
    public double Uniform()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return (((z ^ (z >> 31)) >> 11) + 1) * (1.0 / (1UL << 53));
    }

    /// <summary>Mean 0, standard deviation 1 (Box and Muller, 1958).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());
}
