namespace MlOps.Edge.Host.Reporting;

/// <summary>The plant's books held against the store, unit by unit and frame by frame: a frame too many does not make up for one that is missing.</summary>
internal static class ReadingAudit
{
    /// <param name="repeats">Batches that came again and were recognised.</param>
    public static ReadingCounts Of(PlantTruth truth, FieldReplay replay, long repeats)
    {
        var channels = truth.Plan.Channels;
        var stored = replay.Units.ToDictionary(u => u.Id);
        long produced = 0, lost = 0, unexpected = 0;
        foreach (var (id, frames) in truth.Produced)
        {
            var unit = stored.GetValueOrDefault(id);
            produced += (long)frames.Count * channels;
            lost += frames.Sum(frame => (long)Math.Max(0, channels - (unit?.ValuesOf(frame) ?? 0)));
        }

        foreach (var unit in replay.Units)
        {
            var frames = truth.Produced.GetValueOrDefault(unit.Id);
            unexpected += unit.Frames.Sum(frame => (long)Math.Max(0, unit.ValuesOf(frame) - (frames?.Contains(frame) is true ? channels : 0)));
        }

        return new(produced, replay.StoredReadings, replay.DuplicateReadings, lost, unexpected, repeats);
    }
}
