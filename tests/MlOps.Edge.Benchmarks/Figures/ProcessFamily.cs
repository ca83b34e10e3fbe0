using System.Globalization;

namespace MlOps.Edge.Benchmarks.Figures;

/// <summary>A process and its children, which come and go. Grandchildren count once their parent has waited for them.</summary>
/// <param name="process">The parent; only its first thread begets children.</param>
internal sealed class ProcessFamily(int process)
{
    /// <summary>User and system time of all that ever were, seconds: what the parent took, what those took for whose end it has waited, and what those took that live.</summary>
    /// <exception cref="BenchmarkException">The parent has ended.</exception>
    public double CpuSeconds() => WhileNobodyLeaves(children =>
        ProcessSample.CpuWithWaitedOf(Read(process, "stat")) + children.Sum(child => ProcessSample.CpuWithWaitedOf(Read(child, "stat"))));

    /// <summary>Resident memory of all that live: each one's own, and once what they share, of which none has all. Bytes.</summary>
    /// <exception cref="BenchmarkException">The parent has ended.</exception>
    public long MemoryBytes() => WhileNobodyLeaves(children =>
    {
        string[] all = [Read(process, "status"), .. children.Select(child => Read(child, "status"))];
        return all.Sum(status => ProcessSample.BytesOf(status, "RssAnon")) + Most("RssShmem") + Most("RssFile");

        long Most(string kind) => all.Max(status => ProcessSample.BytesOf(status, kind));
    });

    // Who ends in between would be missed, or counted twice: alive, and among those that were waited for.
    private T WhileNobodyLeaves<T>(Func<int[], T> read)
    {
        try
        {
            while (true)
            {
                var (children, waited) = (Children(), ProcessSample.WaitedOf(Read(process, "stat")));
                try
                {
                    var value = read(children);
                    if (waited == ProcessSample.WaitedOf(Read(process, "stat")) && !children.Except(Children()).Any())
                    {
                        return value;
                    }
                }
                catch (Exception e) when (IsGone(e) && children.Any(HasEnded))
                {
                    // A child has ended.
                }
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            throw new BenchmarkException($"A process that is measured has ended ({e.Message}); see what it said above.");
        }
    }

    private int[] Children() =>
        [.. Read(process, $"task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    private static string Read(int id, string file) => File.ReadAllText($"/proc/{id}/{file}");

    private static bool HasEnded(int id)
    {
        try
        {
            return !Read(id, "status").Contains("\nRssAnon:", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    // A status that has no lines on memory is that of a process which ends, or has ended and nobody has waited for.
    private static bool IsGone(Exception error) => error is IOException or InvalidOperationException;
}
