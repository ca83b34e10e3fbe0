using System.Numerics;

namespace MlOps.Edge.Benchmarks;

/// <summary>What an option may be.</summary>
internal static class Bounds
{
    /// <exception cref="BenchmarkException">The value is outside.</exception>
    public static T Within<T>(string option, T value, T least, T most)
        where T : INumber<T> => value >= least && value <= most
        ? value
        : throw new BenchmarkException(FormattableString.Invariant($"{option} is {value}; it must be {least} to {most}."), BenchmarkException.Usage);
}
