using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>One answer to all that a device has said at once.</summary>
internal sealed class Acknowledgement
{
    // An answer stays a small message; what is left out is sent again, and answered then.
    private const int MostRefusals = 64;
    private const int MostWants = 64;

    private readonly Dictionary<string, StreamPosition> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Epoch, long Sequence), BatchRefusal> _refusals = [];
    private readonly SortedSet<string> _wants = new(StringComparer.Ordinal);
    private ReportedAcknowledgement? _reported;

    /// <summary>Positions are cumulative and what is stored only grows, so the one that holds the most is the newest.</summary>
    public void Stored(IngestAnswer answer)
    {
        foreach (var position in answer.Streams)
        {
            if (!_streams.TryGetValue(position.StreamEpoch, out var known) || Extent(position) >= Extent(known))
            {
                _streams[position.StreamEpoch] = position;
            }
        }

        foreach (var refusal in answer.Refusals)
        {
            _refusals[(refusal.StreamEpoch, refusal.Sequence)] = refusal;
        }

        _wants.UnionWith(answer.Wants);
    }

    public void Reported(string session, long sequence) => _reported = new(session, sequence);

    /// <summary>Null: there is nothing to say.</summary>
    public AcknowledgementDocument? ToDocument() => _streams.Count == 0 && _reported is null ? null : new()
    {
        Streams = [.. _streams.Values.OrderBy(s => s.StreamEpoch, StringComparer.Ordinal).Select(Stream)],
        Wants = _wants.Count == 0 ? null : [.. _wants.Take(MostWants)],
        Reported = _reported,
    };

    private static long Extent(StreamPosition position) => position.Through + position.Above.Sum(span => span.Last - span.First + 1);

    private StreamAcknowledgement Stream(StreamPosition position)
    {
        RefusedRange[] refused =
        [
            .. _refusals.Values.Where(r => r.StreamEpoch == position.StreamEpoch).OrderBy(r => r.Sequence).Take(MostRefusals)
                .Select(r => new RefusedRange(r.Sequence, r.Sequence, r.Code, r.Reason)),
        ];
        return new(
            position.StreamEpoch, position.Through, [.. position.Above.Select(s => new SequenceRange(s.First, s.Last))], refused.Length == 0 ? null : refused);
    }
}
