using System.Globalization;
using System.Net;
using System.Text;

namespace MlOps.Edge.Host.Reporting.Charts;

/// <summary>Writes one SVG drawing. Colours are classes, so that the page's light and dark themes paint it.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _body = new();

    public Svg(double width, double height, string title)
    {
        (Width, Height) = (width, height);
        _body.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {N(width)} {N(height)}\" role=\"img\" aria-label=\"{E(title)}\" preserveAspectRatio=\"xMidYMid meet\">");
    }

    public double Width { get; }

    public double Height { get; }

    public Svg Line(double x1, double y1, double x2, double y2, string css)
    {
        _body.Append(CultureInfo.InvariantCulture, $"<line class=\"{css}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>");
        return this;
    }

    public Svg Rect(double x, double y, double width, double height, string css, string? tooltip = null, double radius = 0, double? opacity = null)
    {
        _body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{css}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, width))}\" height=\"{N(Math.Max(0, height))}\"");
        if (radius > 0)
        {
            _body.Append(CultureInfo.InvariantCulture, $" rx=\"{N(radius)}\"");
        }

        if (opacity is { } o)
        {
            _body.Append(CultureInfo.InvariantCulture, $" fill-opacity=\"{N(o)}\"");
        }

        _body.Append(tooltip is null ? "/>" : $"><title>{E(tooltip)}</title></rect>");
        return this;
    }

    public Svg Text(double x, double y, string text, string css = "label", string anchor = "start")
    {
        _body.Append(CultureInfo.InvariantCulture, $"<text class=\"{css}\" x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\">{E(text)}</text>");
        return this;
    }

    public Svg Dot(double x, double y, double radius, string css, string tooltip)
    {
        _body.Append(CultureInfo.InvariantCulture, $"<circle class=\"{css}\" cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\"><title>{E(tooltip)}</title></circle>");
        return this;
    }

    /// <summary>A line through points; a NaN breaks it.</summary>
    public Svg Path(IEnumerable<(double X, double Y)> points, string css, bool close = false)
    {
        var d = new StringBuilder();
        var pen = 'M';
        foreach (var (x, y) in points)
        {
            if (double.IsNaN(y))
            {
                pen = 'M';
                continue;
            }

            d.Append(CultureInfo.InvariantCulture, $"{pen}{N(x)} {N(y)}");
            pen = 'L';
        }

        _body.Append(CultureInfo.InvariantCulture, $"<path class=\"{css}\" d=\"{d}{(close ? "Z" : "")}\"/>");
        return this;
    }

    public override string ToString() => _body + "</svg>";

    private static string N(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
