using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift.Reference;

/// <summary>A reference sketch as an artifact: the specification's bytes, then each unit's name and its increments' bytes, length first.</summary>
internal static class ReferenceCodec
{
    private const int Format = 1;

    public static byte[] Encode(ReferenceSketch reference)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        to.Write(Format);
        to.WriteBlob(reference.Spec.ToBytes());
        to.Write7BitEncodedInt(reference.Units.Count);
        foreach (var unit in reference.Units)
        {
            to.Write(unit.Unit);
            to.WriteIncrements(unit.Blocks);
        }

        to.Flush();
        return bytes.ToArray();
    }

    public static ReferenceSketch Decode(byte[] bytes)
    {
        using var from = new BinaryReader(new MemoryStream(bytes));
        try
        {
            if (from.ReadInt32() is var format and not Format)
            {
                throw new FormatException($"The reference sketch is of format {format}, which is not known here.");
            }

            var spec = SketchSpec.FromBytes(from.ReadBlob());
            var units = new ReferenceUnit[Math.Min(from.Read7BitEncodedInt(), bytes.Length)];
            for (var i = 0; i < units.Length; i++)
            {
                units[i] = new(from.ReadString(), from.ReadIncrements(spec));
            }

            return new() { Spec = spec, Units = units };
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException("The reference sketch ends too early.", e);
        }
    }
}
