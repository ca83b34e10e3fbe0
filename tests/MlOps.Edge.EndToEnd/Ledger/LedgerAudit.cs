using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Plant;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>
/// Holds what benches gave against what a cloud has: each reading is stored once with its own values, or lies where a gap record says that
/// frames are missing; each gap record covers exactly the ages between its neighbours and gives their number and a reason.
/// </summary>
internal static class LedgerAudit
{
    // Of these the agent knows the number.
    private const string Unwritten = "unwritten";

    /// <param name="stores">Of a cloud to which the devices owe nothing.</param>
    /// <param name="devices">All that it knows, with an empty outbox.</param>
    /// <param name="reasons">That gap records may have.</param>
    /// <returns>A line for each device.</returns>
    public static async Task<IReadOnlyList<string>> RequireEvenAsync(IServiceProvider stores, IReadOnlyList<LedgerDevice> devices, params string[] reasons)
    {
        var store = stores.GetRequiredService<ITelemetryStore>();
        var ledgers = await StoredLedger.ReadAsync(store, devices);
        var lines = new List<string>();
        foreach (var device in devices)
        {
            lines.Add(RequireEven(device, ledgers[device.Number], reasons));
            await RequireWholeStreamsAsync(store, device);
            await RequireShownGapsAsync(stores.GetRequiredService<ITelemetryHistory>(), device, ledgers[device.Number]);
        }

        var totals = await store.CountAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, totals.DeadLetters);
        return [.. lines, $"{totals.Batches} batches, {totals.Readings} values, {totals.Duplicates} repeats recognised"];
    }

    /// <summary>The same for one device, without its streams.</summary>
    public static string RequireEven(LedgerDevice device, StoredLedger ledger, params string[] reasons)
    {
        var given = device.Bench.Given.Count;
        var gaps = ledger.Gaps.OrderBy(gap => gap.FirstFrame).ToList();
        var (age, reading, lost, at) = (-1L, -1, 0, 0);
        foreach (var (nextAge, frame) in ledger.Frames)
        {
            var missing = frame.Reading - reading - 1;
            Assert.True(missing >= 0, $"frame {nextAge} of {device.Id} has reading {frame.Reading}, which is not after {reading}");

            // Gap records in a row may follow each other without a frame between them: killed twice before a commit.
            var (accounted, first) = (0L, at);
            while (at < gaps.Count && (long)gaps[at].FirstFrame < nextAge)
            {
                RequireExact(device, gaps[at], age + 1, reasons);
                (accounted, age, at) = (accounted + Length(gaps[at]), (long)gaps[at].LastFrame, at + 1);
            }

            Assert.True(age + 1 == nextAge, $"the frames {age + 1} to {nextAge - 1} of {device.Id} are neither stored nor in a gap record");
            Assert.True(missing <= accounted, $"{missing} readings of {device.Id} are lost before frame {nextAge}, and gap records account for {accounted}");
            Assert.True(missing == accounted || gaps[first..at].Exists(gap => gap.Reason != Unwritten), $"{missing} readings of {device.Id} are lost before frame {nextAge}, and it says {accounted} were");
            (age, reading, lost) = (nextAge, frame.Reading, lost + missing);
        }

        Assert.True(at == gaps.Count, $"a gap record of {device.Id} is beyond its last frame {age}");
        Assert.True(reading == given - 1, $"the bench of {device.Id} gave {given} readings, and the last one stored is {reading}");
        return $"{device.Id}: {given} readings given, {ledger.Frames.Count} stored once, {lost} lost within {gaps.Count} gap records ({string.Join(", ", gaps.CountBy(gap => gap.Reason).Select(r => $"{r.Key} {r.Value}"))})";
    }

    private static void RequireExact(LedgerDevice device, Gap gap, long first, string[] reasons)
    {
        Assert.True((long)gap.FirstFrame == first, $"a gap record of {device.Id} begins at frame {gap.FirstFrame}, and what is missing at {first}");
        Assert.Equal((device.Asset.ToString(), 0u, 0ul, 0ul), (gap.Asset, gap.Installation, gap.FirstSequence, gap.LastSequence));
        Assert.Equal((ulong)(Length(gap) * MachineBench.Channels), gap.Readings);
        Assert.Contains(gap.Reason, reasons);
    }

    /// <summary>Every sequence that was ever given is stored: a batch, or a gap record in its place.</summary>
    public static async Task RequireWholeStreamsAsync(ITelemetryStore store, LedgerDevice device)
    {
        var stored = (await store.GetStreamsAsync(device.Id, TestContext.Current.CancellationToken)).ToDictionary(s => Convert.ToHexStringLower(s.StreamEpoch), s => s.Ranges);
        foreach (var (epoch, next) in OutboxOf.Streams(device.Folder).Where(stream => stream.Next > 1))
        {
            Assert.True(stored.Remove(epoch, out var ranges), $"nothing of the stream {epoch} of {device.Id} is stored");
            Assert.Equal([(1L, next - 1)], ranges);
        }

        Assert.Empty(stored);
    }

    /// <summary>The gap records that people see are those that came.</summary>
    public static async Task RequireShownGapsAsync(ITelemetryHistory history, LedgerDevice device, StoredLedger ledger)
    {
        var shown = await history.ListGapsAsync(device.Id, int.MaxValue, TestContext.Current.CancellationToken);
        Assert.Equal(ledger.Gaps.Select(gap => gap.ToString()).Order(), shown.Select(gap => gap.Gap.ToString()).Order());
    }

    private static long Length(Gap gap) => (long)(gap.LastFrame - gap.FirstFrame) + 1;
}
