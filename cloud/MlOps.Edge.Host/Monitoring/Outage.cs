namespace MlOps.Edge.Host.Monitoring;

/// <summary>Says once that something cannot be looked up, and once more when it can be again, however often it is tried in between.</summary>
/// <param name="what">It, with its article.</param>
internal sealed partial class Outage(string what, ILogger logger)
{
    private bool _lasts;

    /// <summary>Tries it. What it fails with is said and goes no further; being cancelled comes out.</summary>
    public async Task WatchAsync(Func<Task> look, CancellationToken cancellationToken)
    {
        try
        {
            await look();
        }
#pragma warning disable CA1031 // The rooms say themselves what is wrong with them; here it is only why figures stand still.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (!_lasts)
            {
                LogBegan(what, e.Message);
            }

            _lasts = true;
            return;
        }

        if (_lasts)
        {
            LogOver(what);
        }

        _lasts = false;
    }

    [LoggerMessage(LogLevel.Warning, "The metrics of {What} stand still: its figures cannot be looked up ({Reason})")]
    private partial void LogBegan(string what, string reason);

    [LoggerMessage(LogLevel.Information, "The metrics of {What} go on")]
    private partial void LogOver(string what);
}
