using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>The cloud is put back to a backup while devices go on: all is in the store, or in an exact gap record.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class RestoreLedgerTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task What_a_restored_cloud_has_forgotten_is_in_exact_gap_records()
    {
        await using var rig = await LedgerRig.StartAsync(output, new(LedgerBroker.Embedded));
        await rig.ProgressAsync();
        await AskAsync(rig, "backup", "--out", _folder["copy.db"]);
        rig.Say("backed up");
        await rig.ProgressAsync();
        await Wait.UntilAsync("what the backup lacks is acknowledged", () => rig.Devices.All(device => device.Outbox is { Pending: < 2 }));
        await AskAsync(rig, "restore", _folder["copy.db"]);
        rig.Say("restored");
        await rig.Cloud.IsServingAsync();
        await using (var now = rig.Cloud.OpenStores())
        {
            await Wait.UntilAsync("every device has said what the cloud has forgotten", async () =>
            {
                var gaps = await now.GetRequiredService<ITelemetryHistory>().ListGapsAsync(null, int.MaxValue, TestContext.Current.CancellationToken);
                return rig.Devices.All(device => gaps.Any(gap => gap.Device == device.Id && gap.Gap.Reason == "restored"));
            });
        }

        await rig.ProgressAsync();
        await rig.DrainAsync();
        await RequireEvenAsync(rig);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AskAsync(LedgerRig rig, params string[] arguments)
    {
        var answer = await rig.Cloud.AskAsync(arguments);
        Assert.True(answer.ExitCode == 0, answer.Output + answer.Error);
    }

    // What was there before is kept beside it: the difference is what the gap records must say, no more and no less.
    private async Task RequireEvenAsync(LedgerRig rig)
    {
        Directory.CreateDirectory(_folder["before"]);
        foreach (var file in Directory.GetFiles(rig.Cloud.Folder, "*.replaced-1*"))
        {
            File.Copy(file, Path.Combine(_folder["before"], Path.GetFileName(file).Replace(".replaced-1", "", StringComparison.Ordinal)));
        }

        await using var before = new ServiceCollection().AddSqliteStores(_folder["before"], readOnly: true).BuildServiceProvider();
        await using var after = rig.Cloud.OpenStores();
        var then = await StoredLedger.ReadAsync(before.GetRequiredService<ITelemetryStore>(), rig.Devices);
        var now = await StoredLedger.ReadAsync(after.GetRequiredService<ITelemetryStore>(), rig.Devices);
        foreach (var device in rig.Devices)
        {
            var (had, has) = (then[device.Number], now[device.Number]);
            var lost = had.Batches.Where(batch => !has.Batches.ContainsKey(batch.Key)).ToDictionary();
            Assert.NotEmpty(lost);
            Assert.All(has.Gaps, gap => Assert.Equal(("restored", "", 0ul), (gap.Reason, gap.Asset, gap.Readings)));
            var told = has.Gaps.SelectMany(gap => Enumerable.Range((int)gap.FirstSequence, (int)(gap.LastSequence - gap.FirstSequence) + 1)).Select(sequence => (long)sequence);
            Assert.Equal(lost.Keys.Select(key => key.Sequence).Order(), told.Order());

            var ages = has.Frames.Keys.Concat(lost.Values.SelectMany(ages => ages)).Order().ToArray();
            Assert.Equal(Enumerable.Range(0, device.Bench.Given.Count).Select(age => (long)age), ages);
            Assert.All(has.Frames, frame => Assert.Equal(frame.Key, frame.Value.Reading));
            await LedgerAudit.RequireWholeStreamsAsync(after.GetRequiredService<ITelemetryStore>(), device);
            await LedgerAudit.RequireShownGapsAsync(after.GetRequiredService<ITelemetryHistory>(), device, has);
            output.WriteLine($"{device.Id}: {ages.Length} readings given, {has.Frames.Count} stored once, {lost.Values.Sum(batch => batch.Count)} forgotten in {lost.Count} batches, which {has.Gaps.Count} gap records name");
        }
    }
}
