using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Gateway.Limits;

/// <summary>What one device may send now.</summary>
internal sealed class DeviceGuard(DeviceLimitOptions limits, TimeProvider clock)
{
    // How soon a release by a person is noticed, and no more often is the grain asked.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly TokenBucket _messages = new(limits.MessagesPerSecond, limits.MessageBurst, clock);
    private readonly TokenBucket _bytes = new(limits.BytesPerSecond, limits.ByteBurst, clock);
    private readonly TokenBucket _unreadable = new(limits.UnreadablePerMinute / 60.0, limits.UnreadableBurst, clock);
    private readonly TokenBucket _connects = new(limits.ConnectsPerMinute / 60.0, limits.ConnectBurst, clock);
    private long? _atLimitSince;
    private long _usedAt = clock.GetTimestamp();
    private long? _lookedAt;
    private DeviceQuarantine? _quarantine;

    /// <summary>The quarantine that the device is known to be in; null: none.</summary>
    public DeviceQuarantine? Quarantine
    {
        get
        {
            lock (_gate)
            {
                return _quarantine;
            }
        }
    }

    /// <summary>Whether nothing would be different if this were forgotten.</summary>
    public bool IsRested
    {
        get
        {
            lock (_gate)
            {
                return _quarantine is null && clock.GetElapsedTime(_usedAt) > TimeSpan.FromMinutes(1) && _messages.Level >= 1 && _bytes.Level >= 1 && _unreadable.Level >= 1 && _connects.Level >= 1;
            }
        }
    }

    /// <summary>Asks to pass.</summary>
    /// <returns>Zero: pass. Otherwise how long to wait before asking again.</returns>
    public TimeSpan Ask(long bytes)
    {
        lock (_gate)
        {
            _usedAt = clock.GetTimestamp();
            var (messages, room) = (_messages.Until(1, _usedAt), _bytes.Until(bytes, _usedAt));
            var wait = messages > room ? messages : room;
            if (wait > TimeSpan.Zero)
            {
                _atLimitSince ??= _usedAt;
                return wait;
            }

            _messages.Take(1);
            _bytes.Take(bytes);
            if (_messages.LevelAtLast >= 0.5 && _bytes.LevelAtLast >= 0.5)
            {
                _atLimitSince = null; // it has rested
            }

            return TimeSpan.Zero;
        }
    }

    /// <summary>Whether the device has been at its limit for longer than any device should.</summary>
    public bool IsFlooding
    {
        get
        {
            lock (_gate)
            {
                return _atLimitSince is { } since && clock.GetElapsedTime(since) >= limits.MaxTimeAtLimit;
            }
        }
    }

    /// <summary>Counts a message that nobody can read.</summary>
    /// <returns>True: that was one too many.</returns>
    public bool CountUnreadable() => IsTooMany(_unreadable);

    /// <summary>Counts a connect.</summary>
    /// <returns>True: that was one too many.</returns>
    public bool CountConnect() => IsTooMany(_connects);

    /// <summary>Whether it is time to ask the grain; it leaves that to somebody else.</summary>
    public bool MayLook
    {
        get
        {
            lock (_gate)
            {
                return _lookedAt is not { } at || clock.GetElapsedTime(at) >= LookEvery;
            }
        }
    }

    /// <summary>Whether it is time to ask the grain: it has not been asked yet, or the quarantine may be over. Who is told so is the one who asks.</summary>
    public bool MustLook()
    {
        lock (_gate)
        {
            if (_lookedAt is { } at && (_quarantine is null || clock.GetElapsedTime(at) < LookEvery))
            {
                return false;
            }

            _lookedAt = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>What the grain said; whoever is out of quarantine begins with a clean slate.</summary>
    public void Learn(DeviceQuarantine? quarantine)
    {
        lock (_gate)
        {
            _lookedAt = clock.GetTimestamp();
            if (quarantine is null != _quarantine is null)
            {
                _atLimitSince = null;
            }

            _quarantine = quarantine;
        }
    }

    /// <summary>The grain could not be asked: the next one asks again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _lookedAt = null;
        }
    }

    private bool IsTooMany(TokenBucket bucket)
    {
        lock (_gate)
        {
            _usedAt = clock.GetTimestamp();
            if (bucket.Until(1, _usedAt) > TimeSpan.Zero)
            {
                return true;
            }

            bucket.Take(1);
            return false;
        }
    }
}
