using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>What a cloud has stored of one bench: its frames, each found once, and what the device said will never come.</summary>
internal sealed class StoredLedger
{
    private static readonly string[] Channels = [.. Enumerable.Range(0, MachineBench.Channels).Select(channel => $"channel_{channel}")];

    /// <summary>By age.</summary>
    public SortedDictionary<long, StoredFrame> Frames { get; } = [];

    /// <summary>The ages of the frames in each batch, by epoch and sequence.</summary>
    public Dictionary<(string Epoch, long Sequence), List<long>> Batches { get; } = [];

    /// <summary>As they came, each batch's own.</summary>
    public List<Gap> Gaps { get; } = [];

    /// <summary>Straight from the batches: what puts lives together drops repeats, and a repeat is what is looked for.</summary>
    public static async Task<Dictionary<int, StoredLedger>> ReadAsync(ITelemetryStore store, IReadOnlyList<LedgerDevice> devices)
    {
        var ledgers = devices.ToDictionary(device => device.Number, _ => new StoredLedger());
        var after = 0L;
        while (await store.ReadAsync(after, 500, TestContext.Current.CancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Position;
            foreach (var stored in page)
            {
                var device = devices.Single(device => device.Id == stored.Device);
                ledgers[device.Number].Add(device, TelemetryReader.Decode(stored), stored.Clock.Trust);
            }
        }

        return ledgers;
    }

    private void Add(LedgerDevice device, TelemetryBatch batch, ClockTrust trust)
    {
        var ages = new List<long>();
        Assert.True(Batches.TryAdd((Convert.ToHexStringLower(batch.StreamEpoch.Span), (long)batch.Sequence), ages), $"batch {batch.Sequence} of {device.Id} is stored twice");
        Gaps.AddRange(batch.Gaps);
        foreach (var block in batch.Readings)
        {
            Assert.Equal((device.Asset.ToString(), 0u), (block.Asset, block.Installation));
            var rows = TelemetryReader.Rows(batch, block, Channels);
            var ms = block.FirstTimeMs;
            for (var i = 0; i < (int)block.Frames; i++)
            {
                var age = (long)block.FirstFrame + i;
                var index = MachineBench.IndexOf(device.Number, rows.AsSpan(i * Channels.Length, Channels.Length));
                Assert.True(index is not null, $"frame {age} of {device.Id} is stored with values that its bench never gave");
                ms += i == 0 ? 0 : block.IntervalMs > 0 ? block.IntervalMs : block.TimeDeltasMs[i - 1];
                ages.Add(age);
                Assert.True(Frames.TryAdd(age, new(index.Value, DateTimeOffset.FromUnixTimeMilliseconds(ms), trust)), $"frame {age} of {device.Id} is stored twice");
            }
        }
    }
}

/// <param name="Reading">Which one of the bench it is.</param>
/// <param name="Time">As the cloud has it, corrected.</param>
/// <param name="Trust">What the cloud thinks of that.</param>
internal sealed record StoredFrame(int Reading, DateTimeOffset Time, ClockTrust Trust);
