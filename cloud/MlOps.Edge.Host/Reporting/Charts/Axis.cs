using System.Globalization;

namespace MlOps.Edge.Host.Reporting.Charts;

/// <summary>A linear axis from data to pixels, with ticks on round numbers (Heckbert 1990, "Nice numbers for graph labels").</summary>
internal sealed class Axis
{
    private readonly double _from, _to;

    public Axis(double low, double high, double from, double to, int wantedTicks)
    {
        if (!(high > low))
        {
            (low, high) = (low - 0.5, low + 0.5);
        }

        (Low, High, _from, _to) = (low, high, from, to);
        var step = NiceStep((high - low) / Math.Max(1, wantedTicks));
        Ticks = [.. Enumerable.Range(0, 64).Select(i => (Math.Ceiling(low / step) + i) * step).TakeWhile(t => t <= high + (step * 1e-9))];
        Decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - 1e-9));
    }

    public double Low { get; }

    public double High { get; }

    public IReadOnlyList<double> Ticks { get; }

    private int Decimals { get; }

    public double At(double value) => _from + ((value - Low) / (High - Low) * (_to - _from));

    public string Label(double tick) => tick.ToString("F" + Decimals, CultureInfo.InvariantCulture);

    private static double NiceStep(double raw)
    {
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return (raw / magnitude) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * magnitude;
    }
}
