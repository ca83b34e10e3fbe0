using System.Globalization;

namespace MlOps.Edge.Host.Reporting.Charts;

/// <summary>Rows by time; a cell is as dark as its value is near 1, and of the alarm's colour from 1 on.</summary>
internal static class HeatMap
{
    private const double Left = 132, Top = 26, RowHeight = 16, Right = 16, Bottom = 34;

    /// <param name="cells">Row, from and to on the time axis, value: score over threshold.</param>
    public static string Draw(
        string title, string xLabel, IReadOnlyList<string> rows, (double Low, double High) x, IEnumerable<(string Row, double From, double To, double Value)> cells, IEnumerable<(double X, string Text, string Css)> marks)
    {
        const double width = 960;
        var height = Top + Bottom + (rows.Count * RowHeight);
        var svg = new Svg(width, height, title);
        var axis = new Axis(x.Low, x.High, Left, width - Right, 9);
        var index = rows.Select((row, i) => (row, i)).ToDictionary(r => r.row, r => r.i);
        foreach (var (row, i) in index)
        {
            svg.Text(Left - 8, Top + (i * RowHeight) + 12, row, anchor: "end").Line(Left, Top + (i * RowHeight), width - Right, Top + (i * RowHeight), "grid");
        }

        foreach (var (row, from, at, value) in cells.Where(c => index.ContainsKey(c.Row) && c.Value > 0.05))
        {
            var tooltip = string.Create(CultureInfo.InvariantCulture, $"{row}, cycle {at:F0}: {value:F2} of the threshold");
            svg.Rect(axis.At(from), Top + (index[row] * RowHeight) + 1, axis.At(at) - axis.At(from) + 0.4, RowHeight - 2,
                value >= 1 ? "heat alarm" : "heat", tooltip, opacity: Math.Clamp(value >= 1 ? 0.45 + (0.2 * Math.Log2(value)) : value * 0.6, 0.04, 1));
        }

        foreach (var tick in axis.Ticks)
        {
            svg.Line(axis.At(tick), height - Bottom, axis.At(tick), height - Bottom + 4, "axis").Text(axis.At(tick), height - Bottom + 17, axis.Label(tick), anchor: "middle");
        }

        foreach (var (at, text, css) in marks)
        {
            svg.Line(axis.At(at), Top - 10, axis.At(at), height - Bottom, $"mark {css}").Text(axis.At(at) + 5, Top - 8, text, $"label {css}");
        }

        return svg.Line(Left, height - Bottom, width - Right, height - Bottom, "axis").Text(width - Right, height - 4, xLabel, "label quiet", "end").ToString();
    }
}
