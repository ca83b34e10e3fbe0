using Google.Protobuf;

namespace MlOps.Edge.Cloud.Telemetry.Sql;

/// <summary>The batches of one row: a batch alone is its bytes as they came; several are each behind its length (a varint).</summary>
internal static class RowPayload
{
    public static byte[] Join(IReadOnlyList<byte[]> batches)
    {
        if (batches is [var alone])
        {
            return alone;
        }

        var joined = new byte[batches.Sum(batch => CodedOutputStream.ComputeLengthSize(batch.Length) + batch.Length)];
        using var output = new CodedOutputStream(joined);
        foreach (var batch in batches)
        {
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(batch));
        }

        output.CheckNoSpaceLeft();
        return joined;
    }

    /// <param name="count">How many they are.</param>
    public static IReadOnlyList<byte[]> Split(byte[] payload, int count)
    {
        if (count == 1)
        {
            return [payload];
        }

        using var input = new CodedInputStream(payload);
        var batches = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            batches[i] = input.ReadBytes().ToByteArray();
        }

        return batches;
    }
}
