using MlOps.Edge.Agent.Models;

namespace MlOps.Edge.Agent.Tests.Models;

public class ModelUpdateTests
{
    [Theory]
    [InlineData("Assigned Downloaded Verified TrialPassed Proved")]
    [InlineData("Assigned Downloaded Verified Shadowing")]
    [InlineData("Assigned Failed")]
    [InlineData("Assigned Downloaded Failed")]
    [InlineData("Assigned Downloaded Verified Failed")]
    [InlineData("Assigned Downloaded Verified TrialPassed Failed RolledBack")]
    [InlineData("Assigned Downloaded Verified TrialPassed Failed Crashed RolledBack")]
    [InlineData("Assigned Downloaded Verified TrialPassed Crashed RolledBack")]
    [InlineData("Assigned Downloaded Verified TrialPassed Resumed Proved")]
    [InlineData("Assigned Downloaded Verified Crashed")]
    [InlineData("Assigned Downloaded Verified Resumed Verified TrialPassed Proved")]
    [InlineData("Assigned Crashed Downloaded Crashed Verified TrialPassed Proved Crashed")]
    [InlineData("Assigned Downloaded Assigned Downloaded Verified TrialPassed Assigned Downloaded Verified TrialPassed Proved")]
    [InlineData("Assigned Downloaded Verified TrialPassed Failed Assigned RolledBack")]
    [InlineData("Assigned Withdrawn")]
    public void Every_journey_ends_settled(string journey) =>
        Assert.Equal(UpdatePhase.Settled, journey.Split(' ').Select(Enum.Parse<UpdateEvent>).Aggregate(UpdatePhase.Settled, ModelUpdate.Next));

    [Theory]
    [InlineData(UpdatePhase.Trial, UpdatePhase.Settled)]
    [InlineData(UpdatePhase.Probation, UpdatePhase.RollingBack)]
    [InlineData(UpdatePhase.Downloading, UpdatePhase.Downloading)]
    [InlineData(UpdatePhase.Verifying, UpdatePhase.Verifying)]
    [InlineData(UpdatePhase.RollingBack, UpdatePhase.RollingBack)]
    [InlineData(UpdatePhase.Settled, UpdatePhase.Settled)]
    internal void A_crash_is_held_against_a_model_on_trial_or_probation_and_nobody_else(UpdatePhase before, UpdatePhase after) =>
        Assert.Equal(after, ModelUpdate.Next(before, UpdateEvent.Crashed));

    [Fact]
    public void What_cannot_happen_is_an_error_of_the_agent() =>
        Assert.Throws<InvalidOperationException>(() => ModelUpdate.Next(UpdatePhase.Settled, UpdateEvent.TrialPassed));
}
