using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Runs;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Cloud.Tests.Training.Runs;

public sealed class DriftBaselineTests
{
    private static readonly ModelDefinition Press = WearingMachines.Definition;

    private static readonly List<UnitHistory> Ended = WearingMachines.Failed(9, seed: 1);

    [Fact]
    public void Machines_that_still_run_belong_to_what_is_quiet_once_they_have_lived_for_a_window()
    {
        var old = Running(WearingMachines.Failed(1, seed: 2, prefix: "old")[0], Press.Window);
        var young = Running(WearingMachines.Failed(1, seed: 3, prefix: "young")[0], Press.Window - 1);

        Assert.Equal(Names([.. Ended, old]), Build([.. Ended, old, young], since: null));
    }

    [Fact]
    public void After_the_fleet_has_moved_only_those_that_lived_mostly_since_are_quiet_unless_they_are_too_few()
    {
        var moved = Batches.Start.AddYears(1);
        var since = WearingMachines.Failed(8, seed: 4, prefix: "since");

        Assert.Equal(Names(since), Build([.. Ended, .. since], moved, u => since.Contains(u) ? moved.AddYears(1) : moved));
        Assert.Equal(Names([.. Ended, since[0]]), Build([.. Ended, since[0]], moved, u => u == since[0] ? moved.AddYears(1) : moved));
    }

    [Fact]
    public void Fewer_units_than_tell_quiet_from_drift_make_no_reference() => Assert.Null(Build([.. Ended.Take(7)], since: null));

    private static IEnumerable<string>? Build(List<UnitHistory> units, DateTimeOffset? since, Func<UnitHistory, DateTimeOffset>? lastTime = null)
    {
        DatasetSnapshot snapshot = new()
        {
            Model = Press.Name,
            Definition = Sha256Digest.Of("a definition"u8),
            Channels = Press.Channels.Count,
            Watermark = Batches.Start.AddYears(3),
            Units = [.. units.Select(u => new SnapshotUnit(u.Unit, u.FirstFrame, u.Frames, lastTime?.Invoke(u) ?? Batches.Start, u.End, Sha256Digest.Of("frames"u8)))],
            Split = [],
        };
        return DriftBaseline.Build(Press, snapshot, units, since)?.Units.Select(u => u.Unit);
    }

    private static UnitHistory Running(UnitHistory whole, int frames) => new()
    {
        Unit = whole.Unit,
        FirstFrame = whole.FirstFrame,
        Channels = whole.Channels,
        Values = whole.Values[..(frames * whole.Channels)],
        End = UnitEnd.Running,
    };

    private static IEnumerable<string> Names(IEnumerable<UnitHistory> units) => units.Select(u => u.Unit).Order(StringComparer.Ordinal);
}
