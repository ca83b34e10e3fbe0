namespace MlOps.Edge.Host.Reporting.Charts;

/// <summary>One bar of a lane: from, to, and how its parts divide its height.</summary>
internal sealed record LaneBar(double From, double To, string Text, string Tooltip, IReadOnlyList<(double Share, string Css)> Parts);

/// <summary>Waves on a time axis: a lane a wave, its bar split into succeeded, unknown and failed.</summary>
internal static class Lanes
{
    private const double Left = 196, Top = 10, RowHeight = 34, Right = 16, Bottom = 34;

    public static string Draw(string title, string xLabel, (double Low, double High) x, IReadOnlyList<(string Name, LaneBar Bar)> lanes)
    {
        const double width = 960;
        var height = Top + Bottom + (lanes.Count * RowHeight);
        var svg = new Svg(width, height, title);
        var axis = new Axis(x.Low, x.High, Left, width - Right, 8);
        foreach (var tick in axis.Ticks)
        {
            svg.Line(axis.At(tick), Top, axis.At(tick), height - Bottom, "grid").Text(axis.At(tick), height - Bottom + 17, axis.Label(tick), anchor: "middle");
        }

        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var (name, bar) = lanes[lane];
            var y = Top + (lane * RowHeight);
            svg.Text(Left - 10, y + 21, name, anchor: "end");
            var (from, drawn) = (axis.At(bar.From), Math.Max(6, axis.At(bar.To) - axis.At(bar.From)));
            var top = y + 6.0;
            foreach (var (share, css) in bar.Parts.Where(p => p.Share > 0))
            {
                svg.Rect(from, top, drawn, share * (RowHeight - 12), $"lane {css}", bar.Tooltip);
                top += share * (RowHeight - 12);
            }

            var right = from + drawn > width * 0.72;
            svg.Text(right ? from - 6 : from + drawn + 6, y + 21, bar.Text, "label", right ? "end" : "start");
        }

        return svg.Line(Left, height - Bottom, width - Right, height - Bottom, "axis").Text(width - Right, height - 4, xLabel, "label quiet", "end").ToString();
    }
}
