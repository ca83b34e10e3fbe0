using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Outbox;

/// <summary>How far a machine's frames went into a commit, and the new frames of its ring.</summary>
/// <param name="Time">The last frame's; null: not known.</param>
internal sealed record AssetProgress(UnitRef Unit, long Age, bool Renewed, IReadOnlyList<float[]> Frames, DateTimeOffset? Time = null);

/// <summary>Where each machine was at the last commit, or begins before the first, and the last frames of its ring.</summary>
internal sealed class AssetTable(OutboxConnection file, int historyFrames)
{
    /// <summary>Notes where a machine begins that is new here.</summary>
    public void Begin(ResumePoint beginning) => file.Execute(
        "INSERT INTO asset (id, installation, age, time_ms) VALUES ($asset, $installation, $age, $time) ON CONFLICT (id) DO NOTHING",
        ("$asset", beginning.Unit.Asset.ToString()), ("$installation", beginning.Unit.Installation), ("$age", beginning.Age),
        ("$time", beginning.Time is { } time ? time.ToUnixTimeMilliseconds() : DBNull.Value));

    public void Save(AssetProgress asset)
    {
        var id = asset.Unit.Asset.ToString();
        file.Execute(
            "INSERT INTO asset (id, installation, age, time_ms) VALUES ($asset, $installation, $age, $time) ON CONFLICT (id) DO UPDATE SET installation = excluded.installation, age = excluded.age, time_ms = excluded.time_ms",
            ("$asset", id), ("$installation", asset.Unit.Installation), ("$age", asset.Age), ("$time", asset.Time is { } time ? time.ToUnixTimeMilliseconds() : DBNull.Value));
        if (asset.Renewed)
        {
            file.Execute("DELETE FROM frame WHERE asset = $asset", ("$asset", id));
        }

        var age = asset.Age - asset.Frames.Count;
        foreach (var frame in asset.Frames)
        {
            file.Execute("INSERT OR REPLACE INTO frame (asset, age, data) VALUES ($asset, $age, $data)", ("$asset", id), ("$age", ++age), ("$data", FloatBytes.Encode(frame)));
        }

        file.Execute("DELETE FROM frame WHERE asset = $asset AND age <= $old", ("$asset", id), ("$old", asset.Age - historyFrames));
    }

    /// <returns>The point, null for a machine that is new here; and the ring's frames, oldest first.</returns>
    public (ResumePoint? Point, IReadOnlyList<float[]> Ring) Resume(AssetId asset)
    {
        using var command = file.Command("SELECT installation, age, time_ms FROM asset WHERE id = $asset", ("$asset", asset.ToString()));
        using var row = command.ExecuteReader();
        if (!row.Read())
        {
            return (null, []);
        }

        var point = new ResumePoint(new(asset, row.GetInt32(0)), row.GetInt64(1), row.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)));
        using var frames = file.Command("SELECT data FROM frame WHERE asset = $asset ORDER BY age", ("$asset", asset.ToString()));
        using var frame = frames.ExecuteReader();
        var ring = new List<float[]>();
        while (frame.Read())
        {
            ring.Add(FloatBytes.Decode(frame.GetFieldValue<byte[]>(0)));
        }

        return (point, ring);
    }
}
