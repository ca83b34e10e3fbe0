using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>Reads what devices have counted against one specification, in the order in which the store committed it.</summary>
internal sealed partial class SketchIntake(ITelemetryStore telemetry, ILogger<SketchIntake> logger)
{
    private const int Page = 512;

    /// <returns>The increments behind the bookmark in canonical order, and the new bookmark.</returns>
    public async Task<SketchNews> ReadAsync(long after, SketchSpec spec, CancellationToken cancellationToken)
    {
        var reference = spec.Digest();
        var increments = new List<DeviceIncrement>();
        while (await telemetry.ReadAsync(after, Page, cancellationToken) is { Count: > 0 } page)
        {
            increments.AddRange(page.SelectMany(stored => Increments(stored, reference, spec)));
            after = page[^1].Position;
        }

        // Devices commit in no particular order among each other; the verdict must not depend on it.
        return new(after,
        [
            .. increments.OrderBy(i => i.Asset, StringComparer.Ordinal).ThenBy(i => i.Installation)
                .ThenBy(i => i.Increment.LastFrame).ThenBy(i => i.Increment.FirstFrame).ThenBy(i => i.Device, StringComparer.Ordinal),
        ]);
    }

    private IEnumerable<DeviceIncrement> Increments(StoredBatch stored, byte[] reference, SketchSpec spec)
    {
        foreach (var sketch in TelemetryReader.Decode(stored).Sketches.Where(s => s.Reference.Span.SequenceEqual(reference)))
        {
            if (Decode(stored.Device, sketch, spec) is { } increment)
            {
                yield return new(stored.Device.ToString(), sketch.Asset, sketch.Installation, increment);
            }
        }
    }

    // One device's nonsense must not stop the watch over all the others.
    private SketchIncrement? Decode(DeviceId device, Sketch sketch, SketchSpec spec)
    {
        try
        {
            return SketchIncrement.FromBytes(sketch.Counts.Span, spec);
        }
        catch (FormatException e)
        {
            LogUnreadable(device.ToString(), sketch.Asset, e.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A sketch from device {Device} of asset {Asset} is left out: {Reason}")]
    private partial void LogUnreadable(string device, string asset, string reason);
}

internal sealed record SketchNews(long Bookmark, IReadOnlyList<DeviceIncrement> Increments);
