namespace MlOps.Edge.Cloud.Drift.Field;

/// <summary>What the field-error test remembers: every error seen so far, ascending, and its evidence.</summary>
/// <param name="Errors">Unit errors (RMSE) of judge units and of the field's finished units.</param>
/// <param name="Finished">Finished units of the field among them.</param>
/// <param name="Evidence">The Shiryaev-Roberts statistic R.</param>
/// <param name="High">Of the latest finished units, on which device each was and how its error ranked (p small: among the worst).</param>
internal sealed record FieldErrorState(double[] Errors, int Finished, double Evidence, RankedUnit[] High)
{
    public static FieldErrorState Begin(IEnumerable<double> judged) => new([.. judged.Order()], 0, 0, []);
}

/// <summary>A finished unit's rank among all errors before it: p is the share of errors at least as large, its own included.</summary>
internal readonly record struct RankedUnit(string Device, double P);

/// <summary>
/// Whether finished units are harder for the model than the units that it was judged on: a sequential test on ranks, which
/// needs no law of the errors. Each unit's p-value is its rank among the judge units and all finished units before it; if
/// the field is like the judge units, p-values are independent and (conservatively, for ties) uniform. Each is bet on with
/// b(p) = mean over ε of ε p^(ε-1), a fair bet; the Shiryaev-Roberts sum R ← (1 + R) b(p) then has mean n after n units, so
/// that P(R ever reaches c within N units) ≤ N / c.
/// Sources: Vovk, Gammerman, Shafer, "Algorithmic learning in a random world", 2005; Vovk et al., "Retrain or not retrain:
/// conformal test martingales for change-point detection", COPA 2021; Pollak, Ann. Stat. 13, 1985.
/// </summary>
internal sealed class FieldErrorTest(double limit, int minimumUnits)
{
    private const int Remembered = 20;

    private static readonly double[] Powers = [0.25, 0.5, 0.75];

    /// <summary>R at and above which the field error has drifted: finished units over the horizon per false verdict allowed.</summary>
    public double Limit { get; } = limit;

    /// <param name="units">Units that may finish over the horizon.</param>
    /// <param name="expected">False verdicts allowed over it.</param>
    public static FieldErrorTest For(double units, double expected, int minimumUnits) => new(Math.Max(1, units) / expected, minimumUnits);

    /// <summary>Takes one finished unit's error into account.</summary>
    public static FieldErrorState Add(FieldErrorState state, string device, double error)
    {
        var at = Array.BinarySearch(state.Errors, error);
        at = at < 0 ? ~at : at;
        while (at > 0 && state.Errors[at - 1] == error)
        {
            at--;
        }

        var p = (state.Errors.Length - at + 1.0) / (state.Errors.Length + 1);
        var bet = Powers.Average(power => power * Math.Pow(p, power - 1));
        return new(
            [.. state.Errors[..at], error, .. state.Errors[at..]],
            state.Finished + 1,
            // Far beyond any limit the sum says nothing new; without a bound it would leave the doubles.
            Math.Min((1 + state.Evidence) * bet, 1e100),
            [.. state.High.TakeLast(Remembered - 1), new RankedUnit(device, p)]);
    }

    /// <summary>Evidence against the limit on a logarithmic scale: 1 is at it.</summary>
    public double Score(FieldErrorState state) => Math.Max(0, Math.Log(1 + state.Evidence) / Math.Log(1 + Limit));

    /// <summary>Enough units, beyond the limit, and not one device's doing.</summary>
    public bool HasDrifted(FieldErrorState state) =>
        state.Finished >= minimumUnits && state.Evidence >= Limit && Devices(state).Count >= 3;

    /// <summary>Devices whose recent units were among the worst quarter.</summary>
    public static IReadOnlyList<string> Devices(FieldErrorState state) =>
        [.. state.High.Where(h => h.P <= 0.25).Select(h => h.Device).Distinct().Order(StringComparer.Ordinal)];
}
