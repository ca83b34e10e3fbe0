using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Cloud.Rollouts.Gates;

namespace MlOps.Edge.Cloud.Tests.Rollouts;

public class RolloutTableTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly RolloutOptions Limits = new();

    [Theory]
    [InlineData("Running Pause Resume LastWavePassed", "Finished")]
    [InlineData("Running WaveFailed", "Aborted")]
    [InlineData("Running Pause Abort", "Aborted")]
    [InlineData("Running Abort", "Aborted")]
    public void Every_journey_of_a_rollout_ends_as_drawn(string journey, string end)
    {
        var steps = journey.Split(' ');
        var state = steps[1..].Select(Enum.Parse<RolloutEvent>).Aggregate(Enum.Parse<RolloutState>(steps[0]), (s, e) => RolloutTable.Next(s, e)!.Value);
        Assert.Equal(Enum.Parse<RolloutState>(end), state);
    }

    [Theory]
    [InlineData("Paused", "Pause")]
    [InlineData("Paused", "WaveFailed")]
    [InlineData("Running", "Resume")]
    [InlineData("Finished", "Abort")]
    [InlineData("Aborted", "Resume")]
    [InlineData("Draft", "Pause")]
    public void What_is_not_in_the_table_cannot_happen(string state, string happened) =>
        Assert.Null(RolloutTable.Next(Enum.Parse<RolloutState>(state), Enum.Parse<RolloutEvent>(happened)));

    // state · succeeded failed unknown settling · intervals since start or settling · a gate's verdict → finding
    [Theory]
    [InlineData("Scheduled", 0, 0, 0, 5, 0, "", "Due")]
    [InlineData("Running", 4, 0, 0, 1, 3, "", "Wait")]
    [InlineData("Running", 4, 1, 0, 0, 3, "", "Settled")]
    [InlineData("Running", 3, 2, 0, 0, 3, "", "Broken")]          // 1 failure of 5 may be
    [InlineData("Running", 4, 0, 1, 0, 3, "", "Settled")]         // one unknown does not hold a wave up
    [InlineData("Running", 3, 0, 2, 0, 3, "", "Wait")]            // two do, until the deadline
    [InlineData("Running", 3, 0, 2, 0, 30, "", "Broken")]
    [InlineData("Running", 3, 0, 0, 2, 30, "", "Broken")]         // unsettled at the deadline is unknown
    [InlineData("Running", 4, 0, 0, 1, 30, "", "Settled")]
    [InlineData("Soaking", 5, 0, 0, 0, 11, "Failed", "Wait")]     // gates count once the soak is over
    [InlineData("Soaking", 5, 0, 0, 0, 12, "Failed", "Broken")]
    [InlineData("Soaking", 5, 0, 0, 0, 12, "Passed", "Sound")]
    [InlineData("Soaking", 5, 0, 0, 0, 12, "NotCounted", "Sound")]
    [InlineData("Soaking", 5, 0, 0, 0, 12, "Undecided", "Wait")]
    [InlineData("Soaking", 5, 0, 0, 0, 42, "Undecided", "Broken")]
    [InlineData("Soaking", 3, 2, 0, 0, 5, "", "Broken")]          // a failure counts at once
    [InlineData("Soaking", 3, 0, 2, 0, 12, "Passed", "Wait")]
    [InlineData("Soaking", 3, 0, 2, 0, 42, "Passed", "Broken")]
    public void A_wave_is_read_from_counts_then_time_then_gates(
        string state, int succeeded, int failed, int unknown, int settling, int intervals, string gate, string finding)
    {
        var wave = new Wave
        {
            Number = 1,
            Mode = WaveMode.Active,
            Devices = ["a", "b", "c", "d", "e"],
            Soak = TimeSpan.FromHours(12),
            Deadline = TimeSpan.FromHours(30),
            State = Enum.Parse<WaveState>(state),
            StartedAt = Start,
            SettledAt = Start,
        };
        var tally = new WaveTally(succeeded, failed, unknown, settling, [.. Enumerable.Repeat("a", failed)], [.. Enumerable.Repeat("rejected: too large", failed)]);
        GateFinding[] gates = gate.Length == 0 ? [] : [new("health", Enum.Parse<GateVerdict>(gate), "said so")];

        Assert.Equal(Enum.Parse<WaveFinding>(finding), WaveTable.Find(wave, tally, gates, Start.AddHours(intervals), Limits).Finding);
    }

    [Theory]
    [InlineData("Due Settled Sound", "Passed")]
    [InlineData("Due Wait Wait Settled Wait Broken", "Failed")]
    [InlineData("Due Broken", "Failed")]
    public void Every_journey_of_a_wave_ends_decided(string journey, string end) =>
        Assert.Equal(Enum.Parse<WaveState>(end), journey.Split(' ').Select(Enum.Parse<WaveFinding>).Aggregate(WaveState.Scheduled, WaveTable.Next));

    [Fact]
    public void A_wave_of_three_may_have_one_failed_and_one_unknown_device() =>
        Assert.Equal((1, 1, 1), (Limits.AllowedFailures(3), Limits.AllowedUnknown(3), Limits.NeededSuccesses(3)));

    // One that failed is one device's evidence; half a wave, of three and more, is the model's.
    [Theory]
    [InlineData(2, 1, "Settled")]
    [InlineData(3, 1, "Settled")]
    [InlineData(3, 2, "Broken")]
    [InlineData(4, 1, "Settled")]
    [InlineData(4, 2, "Broken")]
    [InlineData(5, 1, "Settled")]
    [InlineData(6, 3, "Broken")]
    [InlineData(10, 2, "Settled")]
    [InlineData(10, 3, "Broken")]
    public void One_device_that_fails_stops_no_wave_and_half_a_wave_does(int devices, int failed, string finding)
    {
        var wave = new Wave { Number = 1, Mode = WaveMode.Active, Devices = new string[devices], Soak = default, Deadline = TimeSpan.FromHours(30), State = WaveState.Running, StartedAt = Start };
        var tally = new WaveTally(devices - failed, failed, 0, 0, [.. Enumerable.Repeat("a", failed)], [.. Enumerable.Repeat("failed: golden vector 1", failed)]);

        Assert.Equal(Enum.Parse<WaveFinding>(finding), WaveTable.Find(wave, tally, [], Start.AddHours(1), Limits).Finding);
    }
}
