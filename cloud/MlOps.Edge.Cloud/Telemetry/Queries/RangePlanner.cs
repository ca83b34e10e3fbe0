using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>Settles what a question about a span means.</summary>
internal sealed class RangePlanner(ITelemetryHistory history, ISchemaBook schemas, TimeProvider clock)
{
    /// <summary>Far enough for any reading; a time behind it is a slip of the pen.</summary>
    private static readonly DateTimeOffset Latest = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What a clock that is right may be ahead of this one.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    public async Task<RangePlan> PlanAsync(RangeQuery query, IReadOnlyList<UnitExtent> units, CancellationToken cancellationToken)
    {
        if (query.MaxPoints is < 1 or > RangeQuery.MostPoints)
        {
            throw new InvalidQueryException("maxPoints", $"1 to {RangeQuery.MostPoints}");
        }

        var (from, to) = Span(query.From, query.To, units);
        if (from >= to)
        {
            throw new InvalidQueryException("from", $"it must lie before 'to'; from is {from:O} and to is {to:O}");
        }

        var channels = Choose(await ChannelsAsync(units, from, to, cancellationToken), query.Channels);
        return new(units, channels, from, to, query.Resolution == Resolution.Auto ? await FinestAsync(units, from, to, query.MaxPoints, cancellationToken) : query.Resolution);
    }

    /// <param name="to">null: behind the newest reading.</param>
    public (DateTimeOffset From, DateTimeOffset To) Span(QueryTime from, QueryTime? to, IReadOnlyList<UnitExtent> units)
    {
        var last = Newest(units);
        return (Moment(from, last), to is { } given ? Moment(given, last) : Whole(last).AddMilliseconds(1));
    }

    /// <summary>The channels of a unit's newest readings.</summary>
    public Schema SchemaOf(UnitExtent unit) =>
        schemas.FindSchema(unit.Schema) ?? throw new StoreException($"The store lacks the schema {Convert.ToHexStringLower(unit.Schema.Span)} of {unit.Unit}; restore it from a backup.");

    /// <summary>Those that are named, in that order; all, where none is.</summary>
    /// <exception cref="UnknownUnitException">One is not there.</exception>
    public static IReadOnlyList<QueryChannel> Choose(IReadOnlyList<QueryChannel> known, IReadOnlyList<string> named)
    {
        var byName = known.ToDictionary(c => c.Name, StringComparer.Ordinal);
        return named.Count == 0 ? known
        : [
            .. named.Distinct(StringComparer.Ordinal).Select(name => byName.TryGetValue(name, out var channel)
                ? channel
                : throw new UnknownUnitException($"None of these units has a channel '{name}'; known are {(known.Count == 0 ? "none" : string.Join(", ", known.Select(c => c.Name)))}.")),
        ];
    }

    public static IReadOnlyList<QueryChannel> Channels(IEnumerable<Schema> schemas) =>
        [.. schemas.Distinct().SelectMany(s => s.Channels).DistinctBy(c => c.Name, StringComparer.Ordinal).Select(c => new QueryChannel(c.Name, c.Unit))];

    // Channels that a unit has lost meanwhile are known from the rollups of the span.
    private async Task<IReadOnlyList<QueryChannel>> ChannelsAsync(IReadOnlyList<UnitExtent> units, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var found = new List<Schema>(units.Select(SchemaOf));
        foreach (var unit in units)
        {
            var chunks = await history.ReadRollupsAsync(unit.Unit, RollupInterval.Hour, from, to, cancellationToken);
            found.AddRange(chunks.Select(c => c.Schema));
        }

        return Channels(found);
    }

    private async Task<Resolution> FinestAsync(IReadOnlyList<UnitExtent> units, DateTimeOffset from, DateTimeOffset to, int maxPoints, CancellationToken cancellationToken)
    {
        var (fromMs, toMs, frames, minutes) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), 0.0, 0.0);
        foreach (var unit in units)
        {
            var pace = await UnitPace.OfAsync(unit, history, cancellationToken);
            var expected = pace.FramesIn(fromMs, toMs, unit);
            frames = Math.Max(frames, expected);
            minutes = Math.Max(minutes, Math.Min(expected, expected * pace.IntervalMs / (int)RollupInterval.Minute));
        }

        return frames <= maxPoints ? Resolution.Raw : minutes <= maxPoints ? Resolution.Minute : Resolution.Hour;
    }

    // A device whose clock is years ahead, and that says nothing of its clock, must not hide the readings of all others.
    private DateTimeOffset Newest(IReadOnlyList<UnitExtent> units)
    {
        var now = clock.GetUtcNow();
        var times = units.Select(u => u.LastTime).DefaultIfEmpty(now).ToArray();
        return times.Where(time => time <= now + Ahead).DefaultIfEmpty(times.Max()).Max();
    }

    private DateTimeOffset Moment(QueryTime time, DateTimeOffset last)
    {
        var anchor = time.Anchor switch
        {
            TimeAnchor.Absolute => DateTimeOffset.UnixEpoch,
            TimeAnchor.Now => clock.GetUtcNow(),
            _ => last,
        };

        // Readings are of whole milliseconds from 1970 on.
        var ms = (anchor - DateTimeOffset.UnixEpoch + time.Offset).TotalMilliseconds;
        return DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Clamp(Math.Floor(ms), 0, Latest.ToUnixTimeMilliseconds()));
    }

    private static DateTimeOffset Whole(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
