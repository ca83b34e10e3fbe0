using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.Contracts.Telemetry.Columns;

namespace MlOps.Edge.Agent.Outbox.Room;

/// <summary>
/// Makes few small batches of many: readings become figures by the minute; predictions, sketches and gaps of frames stay as they are. A batch
/// of summaries loses those, and keeps the rest. Fed in order.
/// </summary>
/// <param name="mostBytes">About the largest batch that it makes.</param>
internal sealed class Condenser(int mostBytes)
{
    private const long LargestClockStepMs = 5_000;
    private readonly List<Condensed> _done = [];
    private readonly List<OpenSummary> _summaries = [];
    private readonly ColumnEncoder _encoder = new();
    private Condensed? _open;
    private long _bytes;

    /// <param name="batch">With every schema that it names.</param>
    /// <param name="made">When it was made, by the outbox's clock, in ms.</param>
    /// <exception cref="FormatException">Its readings are not readable: storage that decayed.</exception>
    public void Add(TelemetryBatch batch, long made)
    {
        var columns = batch.Readings.Select(readings => (Readings: readings, Columns: ReadingColumns.Of(batch, readings)))
            .Select(block => (block.Readings, block.Columns.Schema, Values: block.Columns.Decode())).ToArray();
        if (_open is null || _bytes >= mostBytes || !SameClock(_open.Contents.Clock, batch.Clock))
        {
            Close();
            _open = new(new() { Clock = batch.Clock }, made);
        }

        foreach (var (readings, schema, values) in columns)
        {
            SummaryOf(readings, schema).Add(readings, values);
        }

        var contents = _open.Contents;
        batch.Predictions.ToList().ForEach(predictions => Merge(contents, predictions));
        contents.Sketches.AddRange(batch.Sketches);
        contents.Gaps.AddRange(batch.Gaps.Where(gap => gap.FirstSequence == 0));
        _bytes = contents.CalculateSize() + _summaries.Sum(summary => summary.Bytes);
    }

    /// <summary>What came of them; those of which nothing is left make no batch.</summary>
    public IReadOnlyList<Condensed> Take()
    {
        Close();
        Condensed[] done = [.. _done];
        _done.Clear();
        return done;
    }

    private void Close()
    {
        if (_open is { Contents: var contents })
        {
            contents.Summaries.AddRange(_summaries.Select(summary => summary.ToSummary(_encoder)));
            contents.Schemas.AddRange(_summaries.Select(summary => summary.Schema).DistinctBy(SchemaId.Of));
            if (contents.Summaries.Count + contents.Predictions.Count + contents.Sketches.Count + contents.Gaps.Count > 0)
            {
                _done.Add(_open);
            }
        }

        (_open, _bytes) = (null, 0);
        _summaries.Clear();
    }

    private OpenSummary SummaryOf(Readings readings, Schema schema)
    {
        var summary = _summaries.FirstOrDefault(open => open.Continues(readings, schema));
        if (summary is null)
        {
            _summaries.Add(summary = new(readings, schema));
        }

        return summary;
    }

    // What one model said of one unit, in one block: a batch has a bounded number of them.
    private static void Merge(TelemetryBatch contents, Predictions predictions)
    {
        var same = contents.Predictions.LastOrDefault(p => p.Asset == predictions.Asset && p.Installation == predictions.Installation && p.Role == predictions.Role
            && p.ModelDigest == predictions.ModelDigest && p.Model == predictions.Model && p.Version == predictions.Version
            && p.Outputs.Select(o => o.Name).SequenceEqual(predictions.Outputs.Select(o => o.Name)));
        if (same is null)
        {
            contents.Predictions.Add(predictions);
            return;
        }

        same.Frames.AddRange(predictions.Frames);
        foreach (var (output, more) in same.Outputs.Zip(predictions.Outputs))
        {
            output.Values.AddRange(more.Values);
        }
    }

    // One clock stands for a whole batch: the same session, and no step in it that would have to be put right.
    private static bool SameClock(DeviceClock? one, DeviceClock? other) => one is null || other is null
        ? one is null && other is null
        : one.Session == other.Session && Math.Abs(one.TimeMs - (long)one.UptimeMs - (other.TimeMs - (long)other.UptimeMs)) <= LargestClockStepMs;
}

/// <param name="Contents">Of a batch of the summary stream.</param>
/// <param name="Made">When the oldest of what it stands for was made, by the outbox's clock, in ms.</param>
internal sealed record Condensed(TelemetryBatch Contents, long Made);
