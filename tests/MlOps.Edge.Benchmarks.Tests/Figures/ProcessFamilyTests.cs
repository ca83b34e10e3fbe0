using System.Diagnostics;
using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Tests.Figures;

public sealed class ProcessFamilyTests
{
    // The child says that it has worked, lives until it is told to end, and its parent says that it has ended. In the background its standard input is empty.
    private const string Script = "exec 3<&0; (for ((i = 0; i < 300000; i++)); do :; done; echo worked; read -r <&3; true) & wait $!; echo waited; read -r <&3";

    // The kernel rounds user and system time of each process down by itself.
    private const double Rounding = 0.04;

    [Fact]
    public async Task What_a_child_used_counts_while_it_lives_and_once_it_has_ended()
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var family = new ProcessFamily(process.Id);

        Assert.Equal("worked", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var (alive, memory) = (family.CpuSeconds(), family.MemoryBytes());
        var alone = ProcessSample.Of(process.Id);
        await process.StandardInput.WriteLineAsync();
        Assert.Equal("waited", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var ended = family.CpuSeconds();
        await process.StandardInput.WriteLineAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(alive > alone.CpuSeconds, $"{alive} s with the child, {alone.CpuSeconds} s without");
        Assert.True(ended >= alive - Rounding, $"{alive} s while the child lived, {ended} s after");
        Assert.True(memory > 0);
    }

    [Fact]
    public async Task A_parent_that_has_ended_is_an_error()
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", "exit 0"]))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Throws<BenchmarkException>(() => new ProcessFamily(process.Id).CpuSeconds());
    }
}
