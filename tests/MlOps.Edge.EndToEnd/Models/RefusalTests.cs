using System.Security.Cryptography;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Models;

/// <summary>What must not run on a device is refused there, and the person at the keyboard learns why.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class RefusalTests(RefusingDevice device) : IClassFixture<RefusingDevice>
{
    [Fact]
    public async Task A_tampered_chunk_never_becomes_a_model() =>
        await RefusedAsync(await device.OfferAsync(MeanModel.Of(gain: 2), spoilChunk: true), "failed", "came damaged");

    [Fact]
    public async Task A_tampered_manifest_is_not_the_one_that_was_signed() =>
        await RefusedAsync(await device.OfferAsync(MeanModel.Of(gain: 3), manifest => manifest with { Stride = 2 }), "rejected", "signature is for another manifest");

    [Fact]
    public async Task A_signature_by_another_key_counts_for_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await RefusedAsync(await device.OfferAsync(MeanModel.Of(gain: 4), key: key), "rejected", "not from a trusted key");
    }

    [Fact]
    public async Task A_graph_that_takes_other_windows_than_its_manifest_says_is_not_loaded() =>
        await RefusedAsync(await device.OfferAsync(MeanModel.Of(gain: 5, channels: 3)), "rejected", "its inputs are");

    [Fact]
    public async Task A_model_that_fails_its_golden_vectors_is_not_activated() =>
        await RefusedAsync(await device.OfferAsync(MeanModel.Of(gain: 6, answer: 1)), "failed", "golden vector 0");

    private async Task RefusedAsync(int version, string state, string reason)
    {
        var shown = await device.OutcomeAsync(version);
        Assert.Equal(state, shown.State);
        Assert.Contains(reason, shown.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', shown.Reason!);
        Assert.Equal(1, shown.Runs);

        // It says that it runs version 1; and version 1 is what goes on predicting.
        var store = device.Cloud.Get<ITelemetryStore>();
        var cancellationToken = TestContext.Current.CancellationToken;
        var from = (await store.CountAsync(cancellationToken)).Batches;
        await Wait.UntilAsync("version 1 predicts on", async () => (await PredictedSinceAsync(store, from)).Contains(1));
        Assert.DoesNotContain(version, await PredictedSinceAsync(store, 0));
    }

    private static async Task<IReadOnlyList<int>> PredictedSinceAsync(ITelemetryStore store, long position) =>
        [.. (await store.ReadAsync(position, int.MaxValue, TestContext.Current.CancellationToken)).SelectMany(batch => TelemetryReader.Decode(batch).Predictions).Select(p => (int)p.Version)];
}
