using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>What a cloud must find in its data folder after a power cut: every batch that it has acknowledged, as it came.</summary>
internal sealed class CloudAfterCut
{
    private readonly Dictionary<BatchName, byte[]> _came = [];
    private readonly List<(DeviceId Device, BatchName Name, long Sent)> _acknowledged = [];

    public CloudAfterCut(Recording cloud)
    {
        foreach (var came in Publication.Received(cloud).Where(came => came.Topic.EndsWith("/up/telemetry", StringComparison.Ordinal)))
        {
            _came.TryAdd(BatchName.Of(TelemetryBatch.Parser.ParseFrom(came.Payload)), came.Payload);
        }

        var said = new HashSet<BatchName>();
        foreach (var sent in Publication.Sent(cloud).Where(sent => sent.Topic.EndsWith("/down/ack", StringComparison.Ordinal)))
        {
            var device = DeviceId.Parse(sent.Topic.Split('/')[^3]);
            _acknowledged.AddRange(OrderCheck.AcknowledgedIn(sent.Payload).Where(said.Add).Select(name => (device, name, sent.Begun)));
        }
    }

    /// <summary>Batches that were acknowledged.</summary>
    public int Count => _acknowledged.Count;

    /// <summary>Just after each acknowledgement that says something new.</summary>
    public IEnumerable<long> Moments => _acknowledged.Select(said => said.Sent + 1);

    public async Task<IReadOnlyList<string>> CheckAsync(string folder, long moment)
    {
        await using var stores = new ServiceCollection().AddSqliteStores(folder).BuildServiceProvider();
        var (store, wrong) = (stores.GetRequiredService<ITelemetryStore>(), new List<string>());
        if (stores.GetRequiredService<SqliteDatabase>().ReadNow(session => session.Query("PRAGMA integrity_check", row => row.GetString(0))) is not ["ok"] and var found)
        {
            wrong.Add(string.Join("; ", found));
        }

        var batches = (await store.ReadAsync(0, int.MaxValue, TestContext.Current.CancellationToken)).ToDictionary(batch => BatchName.Of(TelemetryBatch.Parser.ParseFrom(batch.Payload)), batch => batch.Payload);
        foreach (var device in _acknowledged.TakeWhile(said => said.Sent < moment).GroupBy(said => said.Device))
        {
            var streams = (await store.GetStreamsAsync(device.Key, TestContext.Current.CancellationToken)).ToDictionary(stream => Convert.ToHexStringLower(stream.StreamEpoch));
            foreach (var (_, name, _) in device)
            {
                if (batches.TryGetValue(name, out var stored))
                {
                    if (_came.TryGetValue(name, out var payload) && !payload.AsSpan().SequenceEqual(stored))
                    {
                        wrong.Add($"batch {name.Sequence} of stream {name.Epoch}, which was acknowledged, is another");
                    }
                }
                else if (!(streams.TryGetValue(name.Epoch, out var stream) && stream.Ranges.Any(range => range.First <= name.Sequence && range.Last >= name.Sequence)))
                {
                    wrong.Add($"batch {name.Sequence} of stream {name.Epoch}, which was acknowledged, is lost");
                }
            }
        }

        return wrong;
    }
}
