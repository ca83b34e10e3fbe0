using System.Data.Common;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>One unit, and how far its readings go.</summary>
internal sealed class UnitEntry(long id, UnitRef unit, string machineKind, DeviceId device)
{
    /// <summary>What <see cref="Read"/> takes from <c>telemetry_unit</c>.</summary>
    public const string Select = "SELECT id, asset, installation, machine_kind, device, first_frame, last_frame, last_time, longest, schema, latest FROM telemetry_unit";

    public long Id { get; } = id;

    public UnitRef Unit { get; } = unit;

    public string MachineKind { get; private set; } = machineKind;

    /// <summary>The one that read it last.</summary>
    public DeviceId Device { get; private set; } = device;

    public required long FirstFrame { get; set; }

    /// <summary>-1: nothing was read of it.</summary>
    public required long LastFrame { get; set; }

    public required long LastTimeMs { get; set; }

    /// <summary>The longest time from the first to the last frame of one of its blocks.</summary>
    public required long LongestMs { get; set; }

    /// <summary>16 bytes; empty: nothing was read of it.</summary>
    public required byte[] Schema { get; set; }

    public required float[] Latest { get; set; }

    /// <summary>The first batch that changed it since it was saved; 0: none.</summary>
    public long UnsavedSince { get; set; }

    public bool WasRead => LastFrame >= 0;

    public static UnitEntry New(long id, UnitSpan span, DeviceId device) =>
        new(id, span.Unit, span.MachineKind, device) { FirstFrame = 0, LastFrame = -1, LastTimeMs = 0, LongestMs = 0, Schema = [], Latest = [] };

    public static UnitEntry Read(DbDataReader row) =>
        new(row.GetInt64(0), new UnitRef(AssetId.Parse(row.GetString(1)), row.GetInt32(2)), row.GetString(3), DeviceId.Parse(row.GetString(4)))
        {
            FirstFrame = row.GetInt64(5),
            LastFrame = row.GetInt64(6),
            LastTimeMs = row.GetInt64(7),
            LongestMs = row.GetInt64(8),
            Schema = row.GetFieldValue<byte[]>(9),
            Latest = FloatBytes.Decode(row.GetFieldValue<byte[]>(10)),
        };

    /// <returns>Whether anything is new. Taking the same span again changes nothing.</returns>
    public bool Take(UnitSpan span, DeviceId device)
    {
        var (firstMs, lastMs) = (span.FirstTime.ToUnixTimeMilliseconds(), span.LastTime.ToUnixTimeMilliseconds());
        var before = (FirstFrame, LastFrame, LongestMs);
        FirstFrame = WasRead ? Math.Min(FirstFrame, span.FirstFrame) : span.FirstFrame;
        LongestMs = Math.Max(LongestMs, lastMs - firstMs);
        if (span.LastFrame > LastFrame)
        {
            (LastFrame, LastTimeMs, MachineKind, Device) = (span.LastFrame, lastMs, span.MachineKind, device);
            (Schema, Latest) = (span.Schema.ToArray(), span.Latest);
        }

        return before != (FirstFrame, LastFrame, LongestMs);
    }

    public UnitExtent ToExtent() =>
        new(Unit, MachineKind, Device, FirstFrame, LastFrame, DateTimeOffset.FromUnixTimeMilliseconds(LastTimeMs)) { Schema = Schema, Latest = Latest };

    /// <summary>Every unit that was read, ordered by asset and installation.</summary>
    public static IReadOnlyList<UnitExtent> ToExtents(IEnumerable<UnitEntry> units) =>
        [.. units.Where(u => u.WasRead).Select(u => u.ToExtent()).OrderBy(u => u.Unit.Asset.ToString(), StringComparer.Ordinal).ThenBy(u => u.Unit.Installation)];
}
