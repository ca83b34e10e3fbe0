using MlOps.Edge.Contracts;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class ReadingAuditTests
{
    // Frames of two channels.
    private static readonly Dictionary<UnitRef, IReadOnlySet<long>> Produced = new()
    {
        [UnitRef.Parse("pump-1#1")] = Frames(0, 9),
        [UnitRef.Parse("pump-2#1")] = Frames(3, 5),
    };

    [Fact]
    public async Task Books_and_store_that_agree_leave_nothing_lost_and_nothing_unexpected() => Assert.Equal(
        new ReadingCounts(26, 26, 0, 0, 0, 7),
        await AuditAsync(new Fields().Readings("pump-1#1", 0, 9).Readings("pump-2#1", 3, 5)));

    [Fact]
    public async Task A_frame_that_nobody_took_does_not_make_up_for_one_that_is_missing() => Assert.Equal(
        new ReadingCounts(26, 26, 0, 2, 2, 7),
        await AuditAsync(new Fields().Readings("pump-1#1", 0, 8).Readings("pump-2#1", 3, 6)));

    [Fact]
    public async Task A_unit_that_never_came_is_lost_and_one_that_nobody_knows_is_unexpected() => Assert.Equal(
        new ReadingCounts(26, 22, 0, 6, 2, 7),
        await AuditAsync(new Fields().Readings("pump-1#1", 0, 9).Readings("pump-1#2", 0, 0)));

    [Fact]
    public async Task A_frame_that_came_with_a_channel_missing_or_one_too_many_counts_value_by_value() => Assert.Equal(
        new ReadingCounts(26, 26, 0, 3, 3, 7),
        await AuditAsync(new Fields().Readings("pump-1#1", 0, 9).Readings("pump-2#1", 3, 3, "flow", "temperature", "pressure", "power", "speed").Readings("pump-2#1", 4, 4, "flow")));

    [Fact]
    public async Task A_frame_that_came_twice_is_neither_lost_nor_unexpected() => Assert.Equal(
        new ReadingCounts(26, 26, 4, 0, 0, 7),
        await AuditAsync(new Fields().Readings("pump-1#1", 0, 9).Readings("pump-1#1", 8, 9).Readings("pump-2#1", 3, 5)));

    private static async Task<ReadingCounts> AuditAsync(Fields fields)
    {
        PlantPlan plan = new("a test", "pump-rul", Fields.Start, 3600, 2, 2, [], new(1, "None", null, null, []));
        return ReadingAudit.Of(new() { Plan = plan, Produced = Produced }, await fields.LoadAsync(), repeats: 7);
    }

    private static HashSet<long> Frames(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(f => (long)f)];
}
