using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>Increments within larger binary documents, each with its length first.</summary>
internal static class SketchStreams
{
    public static void WriteBlob(this BinaryWriter to, byte[] blob)
    {
        to.Write7BitEncodedInt(blob.Length);
        to.Write(blob);
    }

    public static byte[] ReadBlob(this BinaryReader from)
    {
        var blob = from.ReadBytes(from.Read7BitEncodedInt() is var length and >= 0
            ? length
            : throw new FormatException("A sketch has a negative length."));
        return blob.Length == length ? blob : throw new EndOfStreamException();
    }

    public static void WriteIncrements(this BinaryWriter to, IReadOnlyCollection<SketchIncrement> increments)
    {
        to.Write7BitEncodedInt(increments.Count);
        foreach (var increment in increments)
        {
            to.WriteBlob(increment.ToBytes());
        }
    }

    public static SketchIncrement[] ReadIncrements(this BinaryReader from, SketchSpec spec)
    {
        var count = from.Read7BitEncodedInt();
        var increments = new List<SketchIncrement>();
        for (var i = 0; i < count; i++)
        {
            increments.Add(SketchIncrement.FromBytes(from.ReadBlob(), spec));
        }

        return [.. increments];
    }
}
