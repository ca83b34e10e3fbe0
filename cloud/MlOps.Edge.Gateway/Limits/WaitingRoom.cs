namespace MlOps.Edge.Gateway.Limits;

/// <summary>Where connections wait that nobody is keen on, before they are answered or closed: whoever comes again and again does so no faster than that.</summary>
internal sealed class WaitingRoom(TimeProvider clock)
{
    /// <summary>How long one waits: less than a device's patience.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    /// <summary>So many may wait at once.</summary>
    public const int Places = 256;

    private int _waiting;

    /// <returns>False, at once: there was no place.</returns>
    public async Task<bool> WaitAsync()
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > Places)
            {
                return false;
            }

            await Task.Delay(Time, clock);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
