using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>
/// Answers questions about readings. What a selector names and is not there is an <c>UnknownUnitException</c>,
/// a question that makes no sense an <see cref="InvalidQueryException"/>; both say what to do.
/// </summary>
public interface ITelemetryQueries
{
    /// <summary>The newest frame of each unit, ordered by asset and installation.</summary>
    /// <param name="channels">Empty: all.</param>
    Task<IReadOnlyList<LatestReading>> GetLatestAsync(UnitSelector selector, IReadOnlyList<string> channels, CancellationToken cancellationToken);

    /// <summary>Settles what a question means: its units, channels, times and resolution.</summary>
    Task<RangePlan> PlanAsync(RangeQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Unit after unit, each in order of time and every frame once: of a frame that came twice, what was stored first. Memory is that of some pages, however
    /// long the span.
    /// </summary>
    IAsyncEnumerable<TelemetryPage> ReadAsync(RangePlan plan, CancellationToken cancellationToken);

    /// <summary>What devices said will never come, the newest first. A gap of which no time is known may belong to any span.</summary>
    /// <param name="from">Included; null: since ever.</param>
    /// <param name="to">Excluded; null: until now.</param>
    Task<IReadOnlyList<StoredGap>> ListGapsAsync(UnitSelector selector, QueryTime? from, QueryTime? to, int limit, CancellationToken cancellationToken);
}

/// <param name="At">Device time, corrected.</param>
/// <param name="Values">In the schema's order; NaN is a missing one.</param>
public sealed record LatestReading(UnitRef Unit, string MachineKind, DeviceId Device, long Frame, DateTimeOffset At, IReadOnlyList<ChannelValue> Values);

/// <param name="Channel">With its unit of measure.</param>
public sealed record ChannelValue(QueryChannel Channel, float Value);

/// <param name="Unit">UCUM.</param>
public sealed record QueryChannel(string Name, string Unit);

public sealed record RangeQuery
{
    public const int DefaultMaxPoints = 2000;
    public const int MostPoints = 1_000_000;

    public UnitSelector Units { get; init; } = new();

    /// <summary>Included.</summary>
    public QueryTime From { get; init; } = new(TimeAnchor.Last, TimeSpan.FromHours(-1));

    /// <summary>Excluded; null: behind the newest reading.</summary>
    public QueryTime? To { get; init; }

    /// <summary>Empty: all.</summary>
    public IReadOnlyList<string> Channels { get; init; } = [];

    public Resolution Resolution { get; init; } = Resolution.Auto;

    /// <summary>What <see cref="Resolution.Auto"/> aims at, for each channel of a unit.</summary>
    public int MaxPoints { get; init; } = DefaultMaxPoints;
}

public enum Resolution
{
    /// <summary>The finest that gives at most so many points, by an estimate; an hour where none does.</summary>
    Auto,
    Raw,
    Minute,
    Hour,
}

/// <summary>What a question turned out to mean.</summary>
/// <param name="From">Included. With intervals, that which it lies in is the first.</param>
/// <param name="To">Excluded.</param>
/// <param name="Channels">The columns of every page. Units may lack some: their values are NaN.</param>
/// <param name="Resolution">Never auto.</param>
public sealed record RangePlan(IReadOnlyList<UnitExtent> Units, IReadOnlyList<QueryChannel> Channels, DateTimeOffset From, DateTimeOffset To, Resolution Resolution);

/// <summary>Consecutive rows of one unit: frames, or intervals that have any.</summary>
public sealed record TelemetryPage
{
    public required UnitRef Unit { get; init; }

    public required string MachineKind { get; init; }

    /// <summary>Of frames the one that read them; of intervals the one that read the unit last.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Of the frame, corrected, or when the interval begins; Unix milliseconds, ascending.</summary>
    public required IReadOnlyList<long> Times { get; init; }

    /// <summary>Operating ages, in sample intervals; null: the rows are intervals.</summary>
    public IReadOnlyList<long>? Frames { get; init; }

    /// <summary><c>[C][rows]</c>, NaN where nothing is; of intervals the means.</summary>
    public required IReadOnlyList<float[]> Values { get; init; }

    /// <summary>null: the rows are frames.</summary>
    public IntervalFigures? Intervals { get; init; }
}

/// <param name="Frames">How many each row stands for.</param>
/// <param name="Least"><c>[C][rows]</c></param>
/// <param name="Greatest"><c>[C][rows]</c></param>
public sealed record IntervalFigures(IReadOnlyList<long> Frames, IReadOnlyList<float[]> Least, IReadOnlyList<float[]> Greatest);

/// <param name="parameter">The one at fault.</param>
/// <param name="rule">What it must be.</param>
public sealed class InvalidQueryException(string parameter, string rule) : Exception($"{parameter}: {rule}")
{
    public string Parameter { get; } = parameter;
    public string Rule { get; } = rule;
}
