using MlOps.Edge.Cloud.Training.Onnx;

namespace MlOps.Edge.Cloud.Training.Intervals;

/// <summary>
/// A prediction interval as two offsets that depend on the prediction: linear between knots. Near the cap a model can only
/// err downwards and near the end it errs little, which a constant offset would pay for in the middle.
/// </summary>
/// <param name="Knots">Predicted RUL, ascending, from 0 to the cap.</param>
/// <param name="Lower">Offset of the lower bound at each knot, ≤ 0.</param>
/// <param name="Upper">Offset of the upper bound at each knot, ≥ 0.</param>
internal sealed record ConformalBand(IReadOnlyList<double> Knots, IReadOnlyList<double> Lower, IReadOnlyList<double> Upper)
{
    /// <summary>The bounds around a prediction that lies in [0, cap].</summary>
    public (double Lower, double Upper) Around(double rul)
    {
        double cap = Knots[^1];
        return (Math.Clamp(rul + Offset(Lower, rul), 0, cap), Math.Clamp(rul + Offset(Upper, rul), 0, cap));
    }

    /// <summary>Adds the offsets of one bound to predictions <c>[batch, 1]</c>, unclipped.</summary>
    public OnnxValue AddTo(OnnxGraph graph, OnnxValue rul, IReadOnlyList<double> offsets)
    {
        // A piecewise linear function is a constant and, at each knot, a hinge relu(x − knot) times the change of slope.
        float[] hinges = [.. Knots.SkipLast(1).Select(knot => (float)knot)];
        var changes = new float[hinges.Length];
        double before = 0;
        for (int i = 0; i < hinges.Length; i++)
        {
            double slope = (offsets[i + 1] - offsets[i]) / (Knots[i + 1] - Knots[i]);
            changes[i] = (float)(slope - before);
            before = slope;
        }

        OnnxValue above = graph.Add("Relu", [graph.Add("Sub", [rul, graph.Constant(hinges, 1, hinges.Length)])]);
        OnnxValue risen = graph.Add("MatMul", [above, graph.Constant(changes, changes.Length, 1)]);
        return graph.Add("Add", [rul, graph.Add("Add", [risen, graph.Constant([(float)offsets[0]], 1)])]);
    }

    private double Offset(IReadOnlyList<double> offsets, double rul)
    {
        int i = 1;
        while (i < Knots.Count - 1 && rul > Knots[i])
        {
            i++;
        }

        double part = (rul - Knots[i - 1]) / (Knots[i] - Knots[i - 1]);
        return offsets[i - 1] + (part * (offsets[i] - offsets[i - 1]));
    }
}
