using Google.Protobuf;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Telemetry;

/// <summary>Where a batch belongs, read from bytes that need not be a whole batch: a refusal must name what it refuses.</summary>
internal sealed record BatchPlace(byte[] StreamEpoch, long Sequence)
{
    /// <returns>Null: the bytes do not say, or what they say cannot be a place.</returns>
    public static BatchPlace? Read(byte[] payload)
    {
        byte[] epoch = [];
        var sequence = 0UL;
        try
        {
            var input = new CodedInputStream(payload);
            while ((epoch.Length == 0 || sequence == 0) && input.ReadTag() is not 0 and var tag)
            {
                switch ((WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag)))
                {
                    case (TelemetryBatch.StreamEpochFieldNumber, WireFormat.WireType.LengthDelimited):
                        epoch = input.ReadBytes().ToByteArray();
                        break;
                    case (TelemetryBatch.SequenceFieldNumber, WireFormat.WireType.Varint):
                        sequence = input.ReadUInt64();
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // Broken before both were read.
            return null;
        }

        return epoch.Length == BatchCheck.StreamEpochBytes && sequence is >= 1 and <= long.MaxValue ? new(epoch, (long)sequence) : null;
    }
}
