using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Tests.Figures;

public sealed class MemoryMapTests
{
    private const string Program = "/opt/agent/Agent";

    [Fact]
    public void What_a_file_holds_is_told_by_its_name_and_so_are_the_zeros_that_follow_it()
    {
        var parts = Of(
            ("1000-2000", "r-xp", Program, 4, 0), ("2000-3000", "rw-p", "", 4, 4), ("5000-6000", "r-xp", "/opt/agent/libonnxruntime.so", 10, 0),
            ("7000-8000", "r-xp", "/opt/agent/libe_sqlite3.so", 12, 0), ("9000-a000", "r-xp", "/usr/lib/libc.so.6", 16, 0));

        Assert.Equal([("system libraries", 0.016, 0), ("SQLite's library and index", 0.012, 0), ("ONNX Runtime's library", 0.01, 0), ("program", 0.008, 0.004)], parts);
    }

    [Fact]
    public void A_heap_of_glibc_is_aligned_to_64_MiB_and_as_large_with_what_is_reserved_for_it() => Assert.Equal(
        [("native heap", 0.02, 0.02)],
        Of(("10000-20000", "rw-p", "[heap]", 4, 4), ("7fca1c000000-7fca1d184000", "rw-p", "", 16, 16), ("7fca1d184000-7fca20000000", "---p", "", 0, 0)));

    [Fact]
    public void A_stack_lies_on_a_page_that_nobody_may_touch() => Assert.Equal(
        [("stacks", 0.012, 0.012)], Of(("7fa45c5fe000-7fa45c5ff000", "---p", "", 0, 0), ("7fa45c5ff000-7fa45cdff000", "rw-p", "", 8, 8), ("7ffd786e7000-7ffd78708000", "rw-p", "[stack]", 4, 4)));

    [Fact]
    public void The_managed_heap_is_within_a_reservation_that_is_far_larger_also_beside_a_heap_of_glibc() => Assert.Equal(
        [("managed heap", 0.012, 0.012), ("native heap", 0.008, 0.008)],
        Of(
            ("7fa46ece6000-7fa46f000000", "---p", "", 0, 0), ("7fa46f000000-7fa46f021000", "rw-p", "", 4, 4), ("7fa46f021000-7fa474000000", "---p", "", 0, 0),
            ("7fa474000000-7fa474001000", "rw-p", "", 8, 8), ("7fa474001000-7fb034000000", "---p", "", 0, 0),
            ("7fb034000000-7fb034021000", "rw-p", "", 8, 8), ("7fb034021000-7fb038000000", "---p", "", 0, 0)));

    // Kilobytes in, thousands of bytes out, rounded down: 4 kB are 0.004 MB.
    private static IEnumerable<(string What, double Rss, double Anonymous)> Of(params (string Place, string Rights, string Path, int Rss, int Anonymous)[] mappings) =>
        MemoryMap.Of(
            mappings.SelectMany(m => (string[])[$"{m.Place} {m.Rights} 00000000 00:00 0    {m.Path}", $"Rss:   {m.Rss} kB", $"Pss:   {m.Rss} kB", $"Anonymous:   {m.Anonymous} kB", "VmFlags: rd"]),
            Program, isManaged: true).Select(part => (part.What, Math.Round(part.RssMb, 3), Math.Round(part.AnonymousMb, 3)));
}
