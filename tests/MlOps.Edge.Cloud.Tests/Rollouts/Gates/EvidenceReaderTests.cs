using Google.Protobuf;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Rollouts.Gates;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Rollouts.Gates;

public class EvidenceReaderTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData()]
    [InlineData(1L)]
    [InlineData(1L, 2L, 3L)]
    [InlineData(4L, 1000L, 1001L, 5_000_000L)]
    public async Task The_end_of_the_store_is_found_whatever_the_gaps(params long[] positions)
    {
        var store = new Batches([.. positions.Select(p => new StoredBatch(p, DeviceId.Parse("pump-01"), []))]);

        Assert.Equal(positions.LastOrDefault(), await new EvidenceReader(store).FindEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Only_the_judged_devices_model_and_versions_are_kept_and_each_frame_is_dated()
    {
        var said = Batch(1, "pump-01", frame: 10, versions: [1, 2, 9]);
        var store = new Batches([said, Batch(2, "pump-77", 10, [2]), Batch(3, "pump-01", 11, [2], readings: false)]);

        var evidence = await PullAsync(store, new());

        Assert.Equal(3, evidence.Bookmark);
        Assert.Equal([(1, 10L), (2, 10L), (2, 11L)], evidence.Samples.Select(s => (s.Version, s.Frame)));
        Assert.Equal([Start + 10 * Hour, Start + 11 * Hour], evidence.Samples.Select(s => s.Time).Distinct());
    }

    [Fact]
    public async Task What_is_behind_the_bookmark_is_not_read_again()
    {
        var store = new Batches([Batch(1, "pump-01", 10, [2]), Batch(2, "pump-01", 11, [2])]);
        var once = await PullAsync(store, new());

        Assert.Equal(once.Samples, (await PullAsync(store, once)).Samples);
    }

    [Fact]
    public async Task A_missing_output_is_not_a_number_and_the_gate_says_so()
    {
        var evidence = await PullAsync(new Batches([Batch(1, "pump-01", 10, [2], outputs: ["rul"])]), new());

        Assert.True(float.IsNaN(Assert.Single(evidence.Samples).Lower));
    }

    [Fact]
    public async Task What_devices_sent_beyond_the_watermark_belongs_to_a_later_turn_and_the_order_of_arrival_does_not_count()
    {
        List<StoredBatch> batches = [.. Enumerable.Range(1, 6).Select(i => Batch(i, "pump-01", i, [1, 2]))];
        var forward = Build(await PullAsync(new Batches(batches), new()));
        var backward = Build(await PullAsync(new Batches([.. batches.AsEnumerable().Reverse().Select((b, i) => b with { Position = i + 1 })]), new()));

        Assert.Equal([3L, 4L], forward.Candidate.Select(s => s.Frame));
        Assert.Equal(forward.Candidate, backward.Candidate);
        Assert.Equal(forward.AllPairs, backward.AllPairs);
        Assert.Equal(4, forward.AllPairs.Count);

        static WaveEvidence Build(EvidenceRecord evidence)
        {
            var wave = new Wave { Number = 1, Mode = WaveMode.Shadow, Devices = ["pump-01"], Soak = Hour, Deadline = Hour, State = WaveState.Soaking, SettledAt = Start + 2 * Hour };
            var rollout = new RolloutRecord
            {
                Id = "rul-v2",
                Plan = new() { Model = "rul", Version = 2, StartedAt = Start },
                Target = new("rul", 2, "m", "s"),
                Champion = new("rul", 1, "m", "s"),
                Waves = [wave],
                Watermark = Start,
                SampleInterval = Hour,
                RulCap = 125,
            };
            return WaveEvidenceBuilder.Build(rollout, wave, evidence, Array.Empty<UnitScoreView>(), Start + 4 * Hour);
        }
    }

    [Fact]
    public async Task Of_a_rollout_that_goes_on_and_on_the_newest_windows_are_kept_whatever_order_they_came_in()
    {
        const int frames = EvidenceReader.WindowsPerDevice + 50;
        List<StoredBatch> batches = [.. Enumerable.Range(1, frames).Select(i => Batch(i, "pump-01", i, [1, 2]))];
        var forward = await PullAsync(new Batches(batches), new());
        var backward = await PullAsync(new Batches([.. batches.AsEnumerable().Reverse().Select((b, i) => b with { Position = i + 1 })]), new());

        foreach (var kept in new[] { forward, backward })
        {
            Assert.Equal(frames, kept.Bookmark);
            Assert.Equal(2 * EvidenceReader.WindowsPerDevice, kept.Samples.Length);
            Assert.Equal(51, kept.Samples.Min(s => s.Frame));
        }
    }

    private static Task<EvidenceRecord> PullAsync(ITelemetryStore store, EvidenceRecord from) =>
        new EvidenceReader(store).PullAsync(from, "rul", new HashSet<int> { 1, 2 }, new HashSet<string> { "pump-01" }, Hour, TestContext.Current.CancellationToken);

    private static StoredBatch Batch(long position, string device, int frame, int[] versions, bool readings = true, string[]? outputs = null)
    {
        var batch = new TelemetryBatch { Device = device };
        if (readings)
        {
            batch.Readings.Add(new Readings { Asset = "engine-01", Installation = 1, FirstFrame = (ulong)frame, Frames = 1, FirstTimeMs = (Start + frame * Hour).ToUnixTimeMilliseconds() });
        }

        foreach (var version in versions)
        {
            var said = new Predictions { Asset = "engine-01", Installation = 1, Model = "rul", Version = (uint)version, Frames = { (ulong)frame } };
            said.Outputs.Add((outputs ?? ["rul", "rul_lower", "rul_upper"]).Select(name => new OutputColumn { Name = name, Values = { 50 } }));
            batch.Predictions.Add(said);
        }

        return new(position, DeviceId.Parse(device), batch.ToByteArray());
    }

    private sealed class Batches(List<StoredBatch> all) : ITelemetryStore
    {
        public Task<IReadOnlyList<StoredBatch>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StoredBatch>>([.. all.Where(b => b.Position > after).Take(limit)]);

        public Task RejectAsync(DeviceId device, byte[] payload, string reason, DateTimeOffset receivedAt, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<AppendOutcome> AppendAsync(TelemetryRecord record, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<StreamExtent>> GetStreamsAsync(DeviceId device, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> GetHeadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<StoredBatch> ReadUnitAsync(UnitRef unit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<UnitExtent>> ListUnitsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<TelemetryTotals> CountAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
