namespace MlOps.Edge.Cloud.Training.Evaluation;

/// <summary>Whether a model may be rolled out, and why.</summary>
/// <param name="Checks">Every rule that was asked, in order, with its figures.</param>
internal sealed record GateDecision(IReadOnlyList<GateCheck> Checks)
{
    public bool Blessed => Checks.All(check => check.Passed);

    /// <summary>One sentence: what it is blessed for, or each rule that it broke.</summary>
    public string Reason => Blessed
        ? string.Join("; ", Checks.Select(check => check.Finding))
        : string.Join("; ", Checks.Where(check => !check.Passed).Select(check => check.Finding));
}

/// <param name="Slice">The part of the held-out windows that was asked.</param>
/// <param name="Figure">What was measured, e.g. <c>rmse</c>.</param>
/// <param name="Champion">Null where the rule does not compare.</param>
/// <param name="Limit">The challenger passes up to it, or from it on where more is better.</param>
/// <param name="Units">Held-out units that have a window in the slice.</param>
/// <param name="Finding">In plain words.</param>
internal sealed record GateCheck(
    string Slice, string Figure, double Challenger, double? Champion, double Limit, int Units, bool Passed, string Finding);
