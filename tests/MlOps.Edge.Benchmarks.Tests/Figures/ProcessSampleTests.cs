using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Tests.Figures;

public sealed class ProcessSampleTests
{
    [Fact]
    public void User_and_system_time_are_found_behind_a_name_with_blanks_and_brackets() =>
        Assert.Equal(3.5, ProcessSample.CpuOf("4711 (a (strange) name) S 1 2 3 4 5 6 7 8 9 10 250 100 13 14 20 0 30 0 5 6 7"));

    [Fact]
    public void The_time_of_children_that_were_waited_for_follows_its_own()
    {
        const string stat = "4711 (a (strange) name) S 1 2 3 4 5 6 7 8 9 10 250 100 30 20 20 0 30 0 5 6 7";

        Assert.Equal((0.5, 4.0), (ProcessSample.WaitedOf(stat), ProcessSample.CpuWithWaitedOf(stat)));
    }

    [Fact]
    public void The_peak_is_in_bytes() => Assert.Equal(2048 * 1024, ProcessSample.PeakOf("Name:\tx\nVmPeak:\t  9999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"));

    [Fact]
    public void What_is_resident_is_in_bytes() => Assert.Equal(1024, ProcessSample.ResidentOf("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"));
}
