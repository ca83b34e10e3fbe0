using System.Globalization;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Host.Reporting.Charts;

namespace MlOps.Edge.Host.Reporting;

/// <summary>One unit's sensors, and under them what was predicted on the device until it failed.</summary>
internal static class LifeChart
{
    private const int Shown = 6;

    public static string Caption(ReportSource source) => source.Example is { } unit
        ? Text($"{unit.Id} on {unit.Device} lived {unit.End!.Frame + 1} cycles. Dashed is the truth, known only after the failure. {Bands(unit.ActiveStretches())}")
        : "No unit failed in the field.";

    private static string Bands(ActiveStretch[] stretches) => stretches switch
    {
        [] => "No version was active on the device: all lines are of shadows.",
        [var only] => Of(Text($"v{only.Version} throughout")),
        [.. var earlier, var last] => Of(string.Concat(earlier.Select(s => Text($"v{s.Version} to age {s.Windows[^1].Frame}, "))) + Text($"v{last.Version} from age {last.Windows[0].Frame}")),
    };

    private static string Of(string versions) => $"The band is the 90 % interval of the version that was active on the device at that age: {versions}. A line without a band is of a shadow.";

    public static string Draw(ReportSource source)
    {
        if (source.Example is not { } unit || source.Frames.Count == 0)
        {
            return "";
        }

        var (first, end) = (source.Frames[0].Frame, unit.End!.Frame);
        var drawings = Moving(source).Select(c => Sensor(source, c, first, end)).ToList();
        return $"<div class=\"small\">{string.Concat(drawings)}</div>{Prediction(source, unit, first, end)}";
    }

    // The channels that move most over this life, against their own short-term noise.
    private static IEnumerable<int> Moving(ReportSource source) => Enumerable.Range(0, source.Definition.Channels.Count)
        .Where(c => source.Definition.Channels[c].Role == ChannelRole.Sensor)
        .Select(c => (Channel: c, Movement: Movement([.. source.Frames.Select(f => (double)f.Values[c]).Where(v => !double.IsNaN(v))])))
        .OrderByDescending(c => c.Movement).ThenBy(c => c.Channel).Take(Shown).Select(c => c.Channel).Order();

    private static double Movement(double[] values)
    {
        var part = values.Length / 5;
        if (part < 3)
        {
            return 0;
        }

        var noise = Math.Sqrt(values.Zip(values.Skip(1), (a, b) => (b - a) * (b - a)).Average() / 2);
        return noise <= 0 ? 0 : Math.Abs(values[^part..].Average() - values[..part].Average()) / noise;
    }

    private static string Sensor(ReportSource source, int channel, long first, long end)
    {
        var values = source.Frames.Select(f => (X: (double)f.Frame, Y: (double)f.Values[channel])).ToList();
        var seen = values.Where(v => !double.IsNaN(v.Y)).Select(v => v.Y).ToList();
        var spec = source.Definition.Channels[channel];
        return new Plot($"{spec.Name} over age", "", $"{spec.Name}, {spec.Unit}", (first, end), (seen.Min(), seen.Max()), width: 460, height: 150, top: 22)
            .Line(values, "sensor").ToString();
    }

    private static string Prediction(ReportSource source, FieldUnit unit, long first, long end)
    {
        var cap = source.Definition.RulCap;
        var plot = new Plot("Remaining useful life predicted on the device", "age, cycles", "remaining useful life, cycles", (first, end), (0, cap * 1.05));
        foreach (var (version, windows) in unit.ActiveStretches())
        {
            plot.Band([.. windows.Select(w => ((double)w.Frame, (double)w.Said.Lower, (double)w.Said.Upper))], $"v{version}");
        }

        plot.Line(Enumerable.Range(0, (int)(end - first) + 1).Select(i => ((double)(first + i), Math.Min(end - first - i, cap))), "truth");
        foreach (var version in unit.Versions)
        {
            plot.Line(unit.PredictionsOf(version).Select(p => ((double)p.Key, (double)p.Value.Rul)), $"v{version}");
        }

        return plot + Legend(unit);
    }

    private static string Legend(FieldUnit unit) =>
        $"<p class=\"legend\">{string.Concat(unit.Versions.Select(v => Text($"<span class=\"key v{v}\"></span>v{v} ")))}<span class=\"key truth\"></span>truth</p>";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
