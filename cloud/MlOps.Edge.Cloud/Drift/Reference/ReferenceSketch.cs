using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>The whole recorded life of one quiet unit, as a device would have counted it.</summary>
/// <param name="Unit">The asset's id and its installation epoch: <c>asset#installation</c>.</param>
/// <param name="Blocks">Increments in order of age, one per block of <see cref="SketchSpec.Block"/> sample intervals.</param>
internal sealed record ReferenceUnit(string Unit, SketchIncrement[] Blocks);

/// <summary>
/// What quiet looks like, frozen when a model version is trained. Devices need the specification only; the cloud keeps each
/// unit's counts too, because units, not rows, are what may be resampled.
/// </summary>
internal sealed class ReferenceSketch
{
    /// <summary>Units below which a spread between units cannot be told.</summary>
    public const int FewestUnits = 8;

    public required SketchSpec Spec { get; init; }

    /// <summary>Ascending by unit (ordinal), so that the order of a snapshot's files changes nothing.</summary>
    public required IReadOnlyList<ReferenceUnit> Units { get; init; }

    /// <summary>Freezes edges and strata on these units and counts them.</summary>
    /// <exception cref="ArgumentException">There are fewer than 8 units, or a unit has no frames or another number of channels.</exception>
    public static ReferenceSketch Build(ModelDefinition model, IReadOnlyList<UnitHistory> quietUnits)
    {
        if (quietUnits.Count < FewestUnits)
        {
            throw new ArgumentException($"A drift reference for '{model.Name}' needs {FewestUnits} quiet units; there are {quietUnits.Count}.", nameof(quietUnits));
        }

        if (quietUnits.FirstOrDefault(u => u.Channels != model.Channels.Count || u.Frames == 0) is { } odd)
        {
            throw new ArgumentException($"Unit '{odd.Unit}' has {odd.Frames} frames of {odd.Channels} channels; model '{model.Name}' has {model.Channels.Count} channels.", nameof(quietUnits));
        }

        UnitHistory[] units = [.. quietUnits.OrderBy(u => u.Unit, StringComparer.Ordinal)];
        var spec = SpecBuilder.Freeze(model, units);
        return new() { Spec = spec, Units = [.. units.Select(u => Count(spec, u))] };
    }

    public byte[] ToBytes() => ReferenceCodec.Encode(this);

    /// <exception cref="FormatException">The bytes are not a reference sketch.</exception>
    public static ReferenceSketch FromBytes(byte[] bytes) => ReferenceCodec.Decode(bytes);

    private static ReferenceUnit Count(SketchSpec spec, UnitHistory unit)
    {
        var counter = new SketchCounter(spec);
        var blocks = new List<SketchIncrement>();
        for (var frame = 0; frame < unit.Frames; frame++)
        {
            counter.Add(unit.Row(frame), unit.FirstFrame + frame);
            if (counter.Due)
            {
                blocks.Add(counter.Flush()!);
            }
        }

        if (counter.Flush() is { } rest)
        {
            blocks.Add(rest);
        }

        return new(unit.Unit, [.. blocks]);
    }
}
