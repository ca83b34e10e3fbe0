using System.Globalization;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>Where the random moments come from: <c>MLOPS_TEST_SEED</c>, or another each time. It is printed.</summary>
internal static class LedgerSeed
{
    public static int Take(ITestOutputHelper output)
    {
        var seed = Environment.GetEnvironmentVariable("MLOPS_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.ProcessId;
        output.WriteLine($"seed {seed} (MLOPS_TEST_SEED repeats it)");
        return seed;
    }
}
