using System.Text.Json.Nodes;
using MlOps.Edge.Cloud.Events;

namespace MlOps.Edge.Cloud.Devices;

/// <summary>How long a quarantine lasts, and what is told of it.</summary>
internal static class QuarantineRules
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);

    /// <summary>The quarantine that a device is in after trouble at <paramref name="at"/>: the one it is in already, or a new one, twice as long as the one before unless that is long over.</summary>
    /// <param name="last">The one before; null: there was none, or it was released.</param>
    public static DeviceQuarantine Next(DeviceQuarantine? last, string reason, DateTimeOffset at)
    {
        if (last is not null && !last.IsOver(at))
        {
            return last;
        }

        var times = last is not null && at - last.Until < LongestPause ? last.Times + 1 : 1;
        return new(reason, at, at + Pause(times), times);
    }

    public static UntoldEvent Begun(string device, DeviceQuarantine quarantine) => UntoldEvent.Of(
        $"device-quarantined/{device}/{quarantine.Since.UtcTicks}", quarantine.Since, $"device/{device}", EventKinds.DeviceQuarantined,
        new JsonObject { ["reason"] = quarantine.Reason, ["until"] = quarantine.Until, ["times"] = quarantine.Times });

    public static UntoldEvent Released(string device, DeviceQuarantine quarantine, string by, DateTimeOffset at) => UntoldEvent.Of(
        $"device-released/{device}/{quarantine.Since.UtcTicks}", at, $"device/{device}", EventKinds.DeviceReleased, new JsonObject { ["by"] = by, ["reason"] = quarantine.Reason });

    private static TimeSpan Pause(int times) => times > 20 || FirstPause * Math.Pow(2, times - 1) is var pause && pause > LongestPause ? LongestPause : FirstPause * Math.Pow(2, times - 1);
}
