using MlOps.Edge.Cloud.Drift.Faults;
using MlOps.Edge.Cloud.Drift.Field;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>The bytes of a <see cref="DriftState"/>, format 1.</summary>
internal static class DriftStateCodec
{
    private const int Format = 1;

    public static byte[] Encode(DriftState state)
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        to.Write(Format);
        to.Write(state.Watermark);
        to.Write7BitEncodedInt(state.Units.Count);
        foreach (var unit in state.Units)
        {
            to.Write(unit.Device);
            to.Write(unit.Asset);
            to.Write(unit.Installation);
            to.WriteIncrements(unit.Blocks);
            to.WriteIncrements(unit.Before);
        }

        to.Write7BitEncodedInt(state.Faults.Count);
        foreach (var fault in state.Faults)
        {
            to.Write(fault.Device);
            to.Write(fault.Asset);
            to.Write(fault.Installation);
            to.Write(fault.Channel);
            to.Write((byte)fault.Kind);
            to.Write(fault.SinceFrame);
            to.Write(fault.Score);
            to.Write(fault.Evidence);
        }

        to.Write7BitEncodedInt(state.Field.Errors.Length);
        Array.ForEach(state.Field.Errors, to.Write);
        to.Write(state.Field.Finished);
        to.Write(state.Field.Evidence);
        to.Write7BitEncodedInt(state.Field.High.Length);
        foreach (var unit in state.Field.High)
        {
            to.Write(unit.Device);
            to.Write(unit.P);
        }

        to.Flush();
        return bytes.ToArray();
    }

    public static DriftState Decode(byte[] bytes, SketchSpec spec)
    {
        using var from = new BinaryReader(new MemoryStream(bytes));
        try
        {
            return from.ReadInt32() is var format and not Format
                ? throw new FormatException($"The drift state is of format {format}, which is not known here.")
                : new()
                {
                    Watermark = from.ReadInt64(),
                    Units = from.Items(f => new UnitWindow(f.ReadString(), f.ReadString(), f.ReadInt64(), f.ReadIncrements(spec), f.ReadIncrements(spec))),
                    Faults = from.Items(f => new DeviceFault(
                        f.ReadString(), f.ReadString(), f.ReadInt64(), f.ReadString(), (DeviceFaultKind)f.ReadByte(), f.ReadInt64(), f.ReadDouble(), f.ReadString())),
                    Field = new(from.Items(f => f.ReadDouble()), from.ReadInt32(), from.ReadDouble(), from.Items(f => new RankedUnit(f.ReadString(), f.ReadDouble()))),
                };
        }
        catch (EndOfStreamException e)
        {
            throw new FormatException("The drift state ends too early.", e);
        }
    }

    private static T[] Items<T>(this BinaryReader from, Func<BinaryReader, T> read)
    {
        var items = new List<T>();
        for (var left = from.Read7BitEncodedInt(); left > 0; left--)
        {
            items.Add(read(from));
        }

        return [.. items];
    }
}
