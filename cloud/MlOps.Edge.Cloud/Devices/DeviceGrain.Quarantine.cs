using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Grains;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>Quarantine: the gateway says when it begins, the clock or a person when it ends. It is kept, so that a restart ends none.</summary>
internal sealed partial class DeviceGrain
{
    public async Task<DeviceQuarantine> QuarantineAsync(string reason, DateTimeOffset at)
    {
        var quarantine = QuarantineRules.Next(State.Quarantine, reason, at);
        if (quarantine != State.Quarantine)
        {
            await stored.CommitAsync(State with { Quarantine = quarantine, Untold = QuarantineRules.Begun(Key, quarantine) });
            await TellFleetAsync();
        }

        await TellAsync();
        return quarantine;
    }

    public Task<DeviceQuarantine?> GetQuarantineAsync(DateTimeOffset now) => Task.FromResult(State.Quarantine is { } quarantine && !quarantine.IsOver(now) ? quarantine : null);

    public async Task<bool> ReleaseAsync(string by, DateTimeOffset at)
    {
        if (State.Quarantine is not { } quarantine || quarantine.IsOver(at))
        {
            return false;
        }

        // Telling what is still untold first keeps the story in order.
        await TellAsync();
        await stored.CommitAsync(State with { Quarantine = null, Untold = QuarantineRules.Released(Key, quarantine, by, at) });
        await TellFleetAsync();
        await TellAsync();
        return true;
    }

    private string Key => this.GetPrimaryKeyString();

    // It rests in the state until the log has it; the log knows a repeat by its id.
    private async Task TellAsync()
    {
        if (State.Untold is { } untold)
        {
            await events.TellAsync([untold], CancellationToken.None);
            await stored.CommitAsync(State with { Untold = null });
        }
    }
}
