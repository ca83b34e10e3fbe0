using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Rollouts;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Cloud.Tests.Rollouts;

public class DeviceOutcomeTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    private static readonly DeviceSummary Runs = new()
    {
        Id = "pump-01",
        Group = "default",
        Online = true,
        LastSeen = Now,
        ReportedEpoch = 7,
        Active = new("rul", 2, "digest"),
        Deployments = [Deployed("active", 7, DeploymentState.Succeeded)],
    };

    [Fact]
    public void A_device_that_runs_it_under_the_epoch_it_was_told_has_succeeded() => Expect(DeviceStanding.Succeeded, Runs);

    [Theory]
    [InlineData(DeploymentState.Failed)]
    [InlineData(DeploymentState.RolledBack)]
    [InlineData(DeploymentState.Rejected)]
    [InlineData(DeploymentState.TimedOut)]
    [InlineData(DeploymentState.Cancelled)]
    public void A_refusal_counts_even_if_the_device_has_left_since(DeploymentState state) =>
        Expect(DeviceStanding.Failed, Runs with { Online = false, Active = null, Deployments = [Deployed("active", 7, state)] });

    [Theory]
    [InlineData(DeploymentState.Pending)]
    [InlineData(DeploymentState.Downloading)]
    [InlineData(DeploymentState.Verifying)]
    [InlineData(DeploymentState.Probation)]
    public void A_device_at_work_is_waited_for(DeploymentState state) => Expect(DeviceStanding.Settling, Runs with { Deployments = [Deployed("active", 7, state)] });

    [Fact]
    public void A_refusal_under_an_older_epoch_is_another_story() =>
        Expect(DeviceStanding.Settling, Runs with { ReportedEpoch = 6, Active = null, Deployments = [Deployed("active", 5, DeploymentState.Rejected)] });

    [Fact]
    public void An_offline_device_is_unknown_even_if_it_had_succeeded() => Expect(DeviceStanding.Unknown, Runs with { Online = false });

    [Fact]
    public void A_device_that_others_have_outtalked_for_long_is_unknown() => Expect(DeviceStanding.Unknown, Runs with { LastSeen = Now.AddHours(-11) });

    [Fact]
    public void A_device_the_fleet_does_not_list_is_unknown() => Expect(DeviceStanding.Unknown, null);

    [Fact]
    public void A_shadow_wave_looks_at_the_shadow_slot()
    {
        Expect(DeviceStanding.Settling, Runs, WaveMode.Shadow);
        Expect(DeviceStanding.Succeeded, Runs with { Shadow = new("rul", 2, "digest"), Deployments = [Deployed("shadow", 7, DeploymentState.Shadow)] }, WaveMode.Shadow);
    }

    [Fact]
    public void A_quarantined_device_stays_failed_whatever_it_runs() =>
        Assert.Equal(DeviceStanding.Failed, DeviceOutcome.Of(new("pump-01", WaveMode.Active, null, 7, "too large"), Runs, "rul", 2, Now, TimeSpan.FromHours(10)).Standing);

    private static void Expect(DeviceStanding standing, DeviceSummary? seen, WaveMode mode = WaveMode.Active) =>
        Assert.Equal(standing, DeviceOutcome.Of(new("pump-01", mode, null, 7, null), seen, "rul", 2, Now, TimeSpan.FromHours(10)).Standing);

    private static DeploymentView Deployed(string role, long epoch, DeploymentState state) => new(role, epoch, "rul-v2", "rul", 2, state, "why", 0, 0);
}
