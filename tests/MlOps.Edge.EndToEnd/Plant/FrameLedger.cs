using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>Holds what a cloud has stored against what a plant's machines have said: each committed frame once, and nothing else.</summary>
internal static class FrameLedger
{
    public static async Task RequireEvenAsync(ITelemetryStore store, LivePlant plant)
    {
        var stored = await StoredAsync(store, [.. plant.Source.Kind.Channels.Select(c => c.Name)]);
        foreach (var (unit, age, values) in plant.Plan.Devices.SelectMany(place => plant.Truth(place.Index)))
        {
            Assert.True(stored.Remove((unit, age), out var found), $"frame {age} of {unit} is lost");
            Assert.True(BitsOf(found).SequenceEqual(BitsOf(values)), $"frame {age} of {unit} is stored with other values than its machine had");
        }

        Assert.Empty(stored);
    }

    // Straight from the batches: what puts lives together drops repeats, and a repeat is what is looked for.
    private static async Task<Dictionary<(UnitRef Unit, long Age), float[]>> StoredAsync(ITelemetryStore store, string[] channels)
    {
        var frames = new Dictionary<(UnitRef, long), float[]>();
        var after = 0L;
        while (await store.ReadAsync(after, 500, TestContext.Current.CancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Position;
            foreach (var (batch, block) in page.Select(TelemetryReader.Decode).SelectMany(batch => batch.Readings.Select(block => (batch, block))))
            {
                var (unit, rows) = (new UnitRef(AssetId.Parse(block.Asset), (int)block.Installation), TelemetryReader.Rows(batch, block, channels));
                for (var i = 0; i < (int)block.Frames; i++)
                {
                    var frame = (unit, (long)block.FirstFrame + i);
                    Assert.True(frames.TryAdd(frame, rows[(i * channels.Length)..((i + 1) * channels.Length)]), $"frame {frame.Item2} of {unit} is stored twice");
                }
            }
        }

        return frames;
    }

    private static IEnumerable<int> BitsOf(float[] values) => values.Select(BitConverter.SingleToInt32Bits);
}
