namespace MlOps.Edge.Simulator.Plant.Pumps;

/// <summary>Where pump and pipe agree.</summary>
/// <param name="Flow">Delivered, m³/h.</param>
/// <param name="ImpellerFlow">Through the impeller: delivered and leaked back, m³/h.</param>
/// <param name="Head">m.</param>
/// <param name="HydraulicPower">What the impeller gives the liquid, W.</param>
/// <param name="ShaftPower">What it takes for that, W; rub and bearing friction not included.</param>
internal readonly record struct OperatingPoint(double Flow, double ImpellerFlow, double Head, double HydraulicPower, double ShaftPower);

/// <summary>
/// A centrifugal pump in a pipe. Head and flow follow the similarity laws (H ∝ n²·D², Q ∝ n), the pipe takes static lift and
/// friction, and the gap of the wear ring lets liquid back to the suction side (J. F. Gülich, Centrifugal Pumps, Springer).
/// </summary>
internal sealed record PumpHydraulics
{
    public const double RatedSpeed = 1480;
    public const double Density = 1100;
    public const double Gravity = 9.81;

    /// <summary>Head at no flow and rated speed, m.</summary>
    public double ShutOffHead { get; init; } = 40;

    /// <summary>How the head falls with the square of the impeller's flow, m/(m³/h)².</summary>
    public double CurveFall { get; init; } = 8e-4;

    /// <summary>Flow of best efficiency at rated speed, m³/h.</summary>
    public double BestFlow { get; init; } = 96;

    public double BestEfficiency { get; init; } = 0.78;

    /// <summary>Static lift, m.</summary>
    public double Lift { get; init; } = 10;

    /// <summary>Friction of the pipe with the valve open, m/(m³/h)².</summary>
    public double PipeFriction { get; init; } = 2.02e-3;

    /// <summary>Flow back through the gap of a new wear ring, (m³/h)/√m.</summary>
    public double RingLeak { get; init; } = 0.53;

    /// <param name="regime">Speed in 1/min; load is the opening of the valve in percent.</param>
    /// <param name="erosion">0 a new impeller, 1 one at the end of its life.</param>
    public OperatingPoint Solve(Regime regime, double erosion)
    {
        var speed = regime.Speed / RatedSpeed;
        var diameter = 1 - (0.06 * erosion);
        var shutOff = ShutOffHead * speed * speed * diameter * diameter;
        var opening = regime.Load / 100;
        var friction = PipeFriction / (opening * opening);
        var ringGap = 1 + (3 * erosion);

        // The leak depends on the head and the head on the leak; each pass shrinks the error about tenfold.
        double flow = 0, leak = 0, head = shutOff;
        for (var pass = 0; pass < 8; pass++)
        {
            leak = RingLeak * ringGap * Math.Sqrt(head);
            var a = CurveFall + friction;
            var b = 2 * CurveFall * leak;
            var c = (CurveFall * leak * leak) + Lift - shutOff;
            flow = (-b + Math.Sqrt((b * b) - (4 * a * c))) / (2 * a);
            head = Lift + (friction * flow * flow);
        }

        var through = flow + leak;
        var offBest = (through / (BestFlow * speed)) - 1;
        var efficiency = BestEfficiency * (1 - (0.8 * offBest * offBest)) * (1 - (0.08 * erosion));
        var hydraulic = Density * Gravity * through / 3600 * head;
        return new OperatingPoint(flow, through, head, hydraulic, hydraulic / efficiency);
    }

    /// <summary>How far the impeller works off its best flow, as a share of it.</summary>
    public double OffBest(in OperatingPoint point, double speed) => (point.ImpellerFlow / (BestFlow * speed / RatedSpeed)) - 1;
}
