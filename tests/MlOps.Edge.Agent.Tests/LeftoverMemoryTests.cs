namespace MlOps.Edge.Agent.Tests;

public sealed class LeftoverMemoryTests
{
    private const string Smaps = """
        55d15d08d000-55d15d6e6000 r-xp 0001a000 fe:00 247239                     /opt/agent/MlOps.Edge.Agent
        Rss:                5720 kB
        Anonymous:             0 kB
        55d15d6e6000-55d15da88000 r--p 00673000 fe:00 247239                     /opt/agent/MlOps.Edge.Agent
        Anonymous:             4 kB
        55d15da88000-55d15da89000 rw-p 00a15000 fe:00 247239                     /opt/agent/MlOps.Edge.Agent
        Anonymous:             0 kB
        55d18514d000-55d18523f000 r--p 00000000 00:00 0                          [heap]
        Anonymous:             0 kB
        7f863d184000-7f8640000000 ---p 00000000 00:00 0
        Anonymous:             0 kB
        7f8637094000-7f86375a5000 r--p 01694000 fe:00 247301                     /opt/agent/lib with a blank.so
        Anonymous:             0 kB
        """;

    [Fact]
    public void Only_files_that_cannot_be_written_to_and_of_which_no_page_differs_are_given_back() => Assert.Equal(
        [(unchecked((nint)0x55d15d08d000), (nuint)0x659000), (unchecked((nint)0x7f8637094000), (nuint)0x511000)],
        LeftoverMemory.CleanFiles(Smaps.Split('\n')));

    [Fact]
    public void A_process_goes_on_after_it()
    {
        int[] kept = [.. Enumerable.Range(0, 100_000)];
        LeftoverMemory.GiveBack();
        Assert.Equal(4_999_950_000, kept.Sum(i => (long)i));
    }
}
