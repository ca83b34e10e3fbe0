using MlOps.Edge.Cloud.Drift.Faults;
using MlOps.Edge.Cloud.Drift.Field;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>
/// All that <see cref="DriftMonitor"/> remembers between evaluations. Bounded: a window of blocks per asset, open faults,
/// one number per finished unit. Save it in the same write as the bookmark of what was read, so that nothing counts twice.
/// </summary>
internal sealed record DriftState
{
    public required long Watermark { get; init; }

    /// <summary>Ascending by asset (ordinal): the installation in service on each, as far as is known.</summary>
    public required IReadOnlyList<UnitWindow> Units { get; init; }

    public required IReadOnlyList<DeviceFault> Faults { get; init; }

    public required FieldErrorState Field { get; init; }

    public byte[] ToBytes() => DriftStateCodec.Encode(this);

    /// <exception cref="FormatException">The bytes are not a state against this specification.</exception>
    public static DriftState FromBytes(byte[] bytes, SketchSpec spec) => DriftStateCodec.Decode(bytes, spec);
}

/// <summary>The last blocks of one installation.</summary>
/// <param name="Blocks">Ascending by age, at most one per block, merged by addition where a device sent it in parts.</param>
/// <param name="Before">The last blocks of the installation before this one: the sensor stays when the machine goes.</param>
internal sealed record UnitWindow(
    string Device, string Asset, long Installation, IReadOnlyList<SketchIncrement> Blocks, IReadOnlyList<SketchIncrement> Before)
{
    /// <summary>Adds one increment, whatever order increments come in; what lies more than a window behind the newest is dropped.</summary>
    public UnitWindow Add(SketchIncrement increment, int block)
    {
        var blocks = new SortedDictionary<long, SketchIncrement>();
        foreach (var one in Blocks.Append(increment))
        {
            var index = one.LastFrame / block;
            blocks[index] = blocks.TryGetValue(index, out var known) ? SketchIncrement.Merge(known, one) : one;
        }

        var newest = blocks.Keys.Last();
        return this with { Blocks = [.. blocks.Where(b => b.Key > newest - DriftMonitor.WindowBlocks).Select(b => b.Value)] };
    }
}

/// <summary>What is new since the last evaluation, from all devices up to a watermark; parts may be late.</summary>
/// <param name="Watermark">In ticks.</param>
/// <param name="Increments">In the order in which the store has them.</param>
/// <param name="Finished">The champion's scores of units that failed.</param>
/// <param name="Repaired">Assets, one of whose sensors was repaired: what was known of their channels no longer counts.</param>
internal sealed record DriftEvidence(
    long Watermark, IReadOnlyList<DeviceIncrement> Increments, IReadOnlyList<FinishedUnit> Finished, IReadOnlyList<string> Repaired);

internal sealed record DeviceIncrement(string Device, string Asset, long Installation, SketchIncrement Increment);

internal sealed record FinishedUnit(string Device, UnitScore Score);

internal sealed record DriftEvaluation(DriftState State, DriftVerdict Verdict);
