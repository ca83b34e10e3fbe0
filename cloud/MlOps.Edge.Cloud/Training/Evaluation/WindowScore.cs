namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>One prediction beside its truth, all in sample intervals and all min(·, cap).</summary>
/// <param name="Unit">The index of the unit.</param>
/// <param name="Age">Sample intervals since installation.</param>
internal readonly record struct WindowScore(int Unit, long Age, double Target, double Rul, double Lower, double Upper)
{
    /// <summary>Bounds are floats and the truth is whole: a bound that rounds to the truth covers it.</summary>
    private const double Touch = 1e-3;

    public double SquaredError => (Rul - Target) * (Rul - Target);

    public bool Covered => Target >= Lower - Touch && Target <= Upper + Touch;

    public double Width => Upper - Lower;

    /// <summary>
    /// The asymmetric score of Saxena et al., "Damage propagation modeling for aircraft engine run-to-failure simulation",
    /// PHM 2008: with d = predicted − true it is exp(−d/13) − 1 for d &lt; 0 and exp(d/10) − 1 otherwise; late is worse.
    /// </summary>
    public double NasaScore
    {
        get
        {
            double late = Rul - Target;
            return late < 0 ? Math.Exp(-late / 13) - 1 : Math.Exp(late / 10) - 1;
        }
    }
}
