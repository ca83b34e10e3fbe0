namespace MlOps.Edge.Host.Reporting.Charts;

/// <summary>Lines, bands, dots and marks over two linear axes.</summary>
internal sealed class Plot
{
    private const double Left = 56, Right = 16, Bottom = 36;
    private readonly Svg _svg;
    private readonly Axis _x, _y;
    private readonly double _top;

    public Plot(string title, string xLabel, string yLabel, (double Low, double High) x, (double Low, double High) y, double width = 960, double height = 300, double top = 34)
    {
        _top = top;
        _svg = new(width, height, title);
        _x = new(x.Low, x.High, Left, width - Right, (int)(width / 110));
        _y = new(y.Low, y.High, height - Bottom, top, (int)Math.Max(2, height / 60));
        foreach (var tick in _y.Ticks)
        {
            _svg.Line(Left, _y.At(tick), width - Right, _y.At(tick), "grid").Text(Left - 8, _y.At(tick) + 4, _y.Label(tick), anchor: "end");
        }

        foreach (var tick in _x.Ticks)
        {
            _svg.Line(_x.At(tick), height - Bottom, _x.At(tick), height - Bottom + 4, "axis").Text(_x.At(tick), height - Bottom + 17, _x.Label(tick), anchor: "middle");
        }

        _svg.Line(Left, height - Bottom, width - Right, height - Bottom, "axis")
            .Text(width - Right, height - 5, xLabel, "label quiet", "end")
            .Text(4, 12, yLabel, "label quiet");
    }

    public Plot Line(IEnumerable<(double X, double Y)> points, string css)
    {
        _svg.Path(points.Select(p => (_x.At(p.X), double.IsNaN(p.Y) ? p.Y : _y.At(p.Y))), $"line {css}");
        return this;
    }

    public Plot Band(IReadOnlyList<(double X, double Low, double High)> points, string css)
    {
        _svg.Path([.. points.Select(p => (_x.At(p.X), _y.At(p.High))), .. points.Reverse().Select(p => (_x.At(p.X), _y.At(p.Low)))], $"band {css}", close: true);
        return this;
    }

    public Plot Dots(IEnumerable<(double X, double Y, string Tooltip)> points, string css, double radius = 3)
    {
        foreach (var (x, y, tooltip) in points)
        {
            _svg.Dot(_x.At(x), _y.At(Math.Min(y, _y.High)), radius, $"dot {css}", tooltip);
        }

        return this;
    }

    /// <summary>A stretch of the horizontal axis.</summary>
    public Plot Span(double from, double to, string css, string tooltip)
    {
        _svg.Rect(_x.At(from), _top, _x.At(to) - _x.At(from), _svg.Height - Bottom - _top, $"span {css}", tooltip);
        return this;
    }

    /// <summary>A moment, named at the top; <paramref name="row"/> keeps names that stand close from covering each other.</summary>
    public Plot Mark(double x, string text, string css, int row = 0)
    {
        var px = _x.At(x);
        var right = px > _svg.Width * 0.8;
        _svg.Line(px, _top - 4, px, _svg.Height - Bottom, $"mark {css}")
            .Text(px + (right ? -5 : 5), _top + 8 + (row * 14), text, $"label {css}", right ? "end" : "start");
        return this;
    }

    public Plot Level(double y, string css)
    {
        _svg.Line(Left, _y.At(y), _svg.Width - Right, _y.At(y), $"mark {css}");
        return this;
    }

    public override string ToString() => _svg.ToString();
}
