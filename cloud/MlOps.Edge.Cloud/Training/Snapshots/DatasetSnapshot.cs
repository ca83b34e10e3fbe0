using System.Text.Json;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Training.Snapshots;

/// <summary>
/// What a model was taught and judged with: which units, up to which moment, with which labels, on which side of the split.
/// Named by the SHA-256 of its canonical bytes; the frames are artifacts of their own, one per unit, which snapshots share.
/// </summary>
internal sealed record DatasetSnapshot
{
    public const int CurrentFormat = 1;

    public int Format { get; set; } = CurrentFormat;

    public required string Model { get; init; }

    /// <summary>Of the model's definition: the channels' order and all else that gives the values a meaning.</summary>
    public required Sha256Digest Definition { get; init; }

    public required int Channels { get; init; }

    /// <summary>Device time: frames and maintenance events after it are not in here.</summary>
    public required DateTimeOffset Watermark { get; init; }

    /// <summary>The snapshot whose split this one goes on from; null: none.</summary>
    public Sha256Digest? Parent { get; init; }

    /// <summary>Ordered by asset (ordinal) and installation.</summary>
    public required IReadOnlyList<SnapshotUnit> Units { get; init; }

    /// <summary>Ordered by unit (ordinal): every unit that ever taught or judged, of this snapshot or of one before. Units that can do neither yet are not in it.</summary>
    public required IReadOnlyList<UnitAssignment> Split { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.DatasetSnapshot);

    /// <exception cref="FormatException">The bytes are not a snapshot of a format known here.</exception>
    public static DatasetSnapshot FromBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, SnapshotJson.Default.DatasetSnapshot) is { Format: CurrentFormat } snapshot
                ? snapshot
                : throw new FormatException("The dataset snapshot is of a format that is not known here.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The dataset snapshot is not readable: {e.Message}", e);
        }
    }
}

/// <summary>One recorded life, or what there is of it.</summary>
/// <param name="Unit"><c>asset#installation</c>.</param>
/// <param name="FirstFrame">Age of the first frame recorded, in sample intervals.</param>
/// <param name="LastTime">Device time of the last frame.</param>
/// <param name="Data">Artifact with the frames, see <see cref="FrameBytes"/>.</param>
internal sealed record SnapshotUnit(string Unit, long FirstFrame, int Frames, DateTimeOffset LastTime, UnitEnd End, Sha256Digest Data);
