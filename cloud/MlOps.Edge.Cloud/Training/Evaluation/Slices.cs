using System.Globalization;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>Names of the parts of a judged set, and which windows belong to each. A window belongs to several.</summary>
internal static class Slices
{
    /// <summary>Units that the champion was judged on too, or all units where there is no champion.</summary>
    public const string Known = "cohort:known";

    /// <summary>Units that the field has labelled since.</summary>
    public const string New = "cohort:new";

    /// <summary>Windows of known units that end in the last fifth of the capped life.</summary>
    public const string KnownNearFailure = "cohort:known/near-failure";

    /// <summary>Windows of new units that end in the last fifth of the capped life.</summary>
    public const string NewNearFailure = "cohort:new/near-failure";

    public static IEnumerable<(string Name, Func<WindowScore, bool> Contains)> Of(ModelDefinition definition, Func<int, bool> isNew)
    {
        double cap = definition.RulCap;
        yield return (Known, window => !isNew(window.Unit));
        yield return (New, window => isNew(window.Unit));
        yield return (KnownNearFailure, window => !isNew(window.Unit) && window.Target < cap / 5);
        yield return (NewNearFailure, window => isNew(window.Unit) && window.Target < cap / 5);

        for (int band = 0; band < 5; band++)
        {
            double from = cap * band / 5, to = cap * (band + 1) / 5;
            yield return (Band("rul", from, to), window => window.Target >= from && window.Target < to);
        }

        yield return ("rul:cap", window => window.Target >= cap);

        double[] ages = [0, definition.Window, 3 * definition.Window, double.PositiveInfinity];
        for (int band = 0; band + 1 < ages.Length; band++)
        {
            double from = ages[band], to = ages[band + 1];
            yield return (Band("age", from, to), window => window.Age >= from && window.Age < to);
        }
    }

    private static string Band(string what, double from, double to) => double.IsInfinity(to)
        ? string.Create(CultureInfo.InvariantCulture, $"{what}:{from:0}+")
        : string.Create(CultureInfo.InvariantCulture, $"{what}:{from:0}-{to:0}");
}
