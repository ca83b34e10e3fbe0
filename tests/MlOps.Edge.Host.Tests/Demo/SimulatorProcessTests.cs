using MlOps.Edge.Host.Demo;

namespace MlOps.Edge.Host.Tests.Demo;

public sealed class SimulatorProcessTests
{
    [Theory]
    [InlineData(3, "there is no such folder", 3, "there is no such folder")]
    [InlineData(2, "line 2: not a number", 2, "line 2: not a number")]
    [InlineData(1, "", 1, "The plant's process ended with exit code 1.")]
    [InlineData(77, "", 1, "The plant's process ended with exit code 77.")]
    public void A_plant_that_ends_badly_is_told_in_its_own_words_or_with_its_exit_code(int exitCode, string said, int code, string message)
    {
        var error = SimulatorProcess.Failure(exitCode, said);
        Assert.Equal((code, message), (error.ExitCode, error.Message));
    }

    [Theory]
    [InlineData(137, "", "The plant's process was ended by signal 9.")]
    [InlineData(134, "Unhandled exception. System.OutOfMemoryException: none left.\n   at Plant.Live()", "The plant's process was ended by signal 6: Unhandled exception. System.OutOfMemoryException: none left.")]
    public void A_plant_that_was_killed_is_a_failure_in_one_line(int exitCode, string said, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: Windows has no signals");
        var error = SimulatorProcess.Failure(exitCode, said);
        Assert.Equal((ExitCodes.Failure, message), (error.ExitCode, error.Message));
    }
}
