namespace MlOps.Edge.Cloud.Telemetry.Queries;

/// <summary>
/// Cuts a span into slices that hold about as many rows as one wants to have at once. Where nothing is, slices grow; before and after a unit's life
/// without a limit, within it up to some lengths, so that what lies behind a silence does not come all at once. All in Unix milliseconds.
/// </summary>
/// <param name="from">Included.</param>
/// <param name="end">Excluded.</param>
/// <param name="lifeStart">When the unit's readings begin, as far as is known.</param>
/// <param name="lifeEnd">When its newest frame was: somebody may ask for a century more.</param>
/// <param name="length">Of a slice.</param>
/// <param name="step">Slices end at multiples of it.</param>
internal sealed class Walk(long from, long end, long lifeStart, long lifeEnd, long length, long step)
{
    private const int LongestSilence = 16;

    private long _usual = Math.Max(length, step);
    private long _next = Math.Max(length, step);

    public long From { get; private set; } = from;

    /// <summary>Of the present slice, excluded.</summary>
    public long To { get; private set; } = from;

    public bool MoveNext()
    {
        From = To;
        if (From >= end)
        {
            return false;
        }

        var limit = From < lifeStart ? Math.Min(end, Floor(lifeStart) > From ? Floor(lifeStart) : end) : end;
        To = Math.Min(limit, _next >= limit - From ? limit : Math.Max(From + step, Floor(From + _next)));
        return true;
    }

    /// <summary>What the slice held.</summary>
    /// <param name="wanted">How many it should hold.</param>
    public void Saw(long rows, long wanted)
    {
        if (rows > 2 * wanted)
        {
            _usual = Math.Max(step, _usual / 2);
        }

        // What was before life is no silence.
        _next = rows > 0 || (From < lifeStart && To >= Floor(lifeStart)) ? _usual : To < lifeStart || From > lifeEnd ? _next * 2 : Math.Min(_next * 2, _usual * LongestSilence);
    }

    private long Floor(long ms) => ms - ms % step;
}
