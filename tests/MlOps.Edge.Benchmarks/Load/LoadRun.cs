using MlOps.Edge.Benchmarks.Figures;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>How long a load is, in seconds.</summary>
/// <param name="WarmUp">Before anything is measured: compilers and caches come to rest.</param>
/// <param name="Measured">Then.</param>
internal sealed record LoadTimes(TimeSpan WarmUp, TimeSpan Measured);

/// <summary>What a load cost while it was measured.</summary>
/// <param name="Readings">That became durable.</param>
/// <param name="Server">Processor time within the stretch; the peak since the server began.</param>
/// <param name="GeneratorCpuSeconds">Of this process.</param>
internal sealed record LoadFigures(TimeSpan Measured, long Readings, ProcessSample Server, double GeneratorCpuSeconds)
{
    public double PerSecond => Readings / Measured.TotalSeconds;

    public double CpuSecondsPerMillion => Server.CpuSeconds / Readings * 1e6;

    public double GeneratorCpuSecondsPerMillion => GeneratorCpuSeconds / Readings * 1e6;
}

/// <summary>
/// Runs devices against a server, and measures a stretch in the middle of it: from one moment at which something became durable to another, so that a
/// server that stores in large steps is not cut within one.
/// </summary>
/// <param name="stored">Readings that are durable.</param>
/// <param name="used">By the processes that are measured, since they began.</param>
internal sealed class LoadRun(IReadOnlyList<LoadDevice> devices, Stopwatches watch, Func<long> stored, Func<ProcessSample> used, LoadTimes times)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(60);

    /// <exception cref="BenchmarkException">Something was refused, or nothing became durable for a minute.</exception>
    public async Task<LoadFigures> RunAsync(int port, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stop = new CancellationTokenSource();
        using var allPublished = new CancellationTokenSource();
        foreach (var device in devices)
        {
            await device.ConnectAsync(port, failed.Token);
        }

        List<Task> tasks = [.. devices.Select(device => Task.Run(() => devices[0].Shape.MessagesPerSecond is null
            ? device.FloodAsync(stop.Token, failed.Token)
            : device.ListenAsync(allPublished.Token, failed.Token), CancellationToken.None))];
        if (devices[0].Shape.MessagesPerSecond is { } rate)
        {
            tasks.Add(Task.Run(() => PaceAsync(rate, allPublished, stop.Token, failed.Token), CancellationToken.None));
        }

        var measuring = MeasureAsync(stop, failed.Token);
        await FirstFailureAsync([.. tasks, measuring], failed);
        await SettledAsync(failed.Token); // a device may have published one more after all seemed stored
        foreach (var device in devices)
        {
            await device.LeaveAsync(failed.Token);
        }

        return await measuring;
    }

    private async Task<LoadFigures> MeasureAsync(CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        await Task.Delay(times.WarmUp, TimeProvider.System, cancellationToken);
        var before = await NextStoredAsync(cancellationToken);
        watch.Begin();
        var (server, generator) = (used(), Environment.CpuUsage.TotalTime);
        await Task.Delay(times.Measured, TimeProvider.System, cancellationToken);
        var after = await NextStoredAsync(cancellationToken);
        watch.End();
        var (serverAfter, generatorAfter) = (used(), Environment.CpuUsage.TotalTime);
        await stop.CancelAsync();
        await SettledAsync(cancellationToken);
        return new(
            watch.Measured, after - before, new(serverAfter.CpuSeconds - server.CpuSeconds, serverAfter.PeakBytes), (generatorAfter - generator).TotalSeconds);
    }

    private async Task<long> NextStoredAsync(CancellationToken cancellationToken)
    {
        var (before, since) = (stored(), TimeProvider.System.GetTimestamp());
        while (stored() == before)
        {
            ThrowIfStalled(since);
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }

        return stored();
    }

    private async Task SettledAsync(CancellationToken cancellationToken)
    {
        var (last, since) = (stored(), TimeProvider.System.GetTimestamp());
        while (stored() < devices.Sum(device => device.Published * device.Shape.Readings))
        {
            if (stored() != last)
            {
                (last, since) = (stored(), TimeProvider.System.GetTimestamp());
            }

            ThrowIfStalled(since);
            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    private void ThrowIfStalled(long since)
    {
        if (TimeProvider.System.GetElapsedTime(since) > Stalled)
        {
            throw new BenchmarkException(FormattableString.Invariant(
                $"Nothing was stored for {Stalled.TotalSeconds} s: {stored()} of {devices.Sum(device => device.Published * device.Shape.Readings)} readings are. The server is stuck or has lost some."));
        }
    }

    // What is due is published, whatever the server does; a tick that comes late has more to publish. Devices listen until the last is out.
    private async Task PaceAsync(int rate, CancellationTokenSource allPublished, CancellationToken stop, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Poll, TimeProvider.System);
        var (began, published) = (TimeProvider.System.GetTimestamp(), 0L);
        while (!stop.IsCancellationRequested && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (long)(TimeProvider.System.GetElapsedTime(began).TotalSeconds * rate); published < due; published++)
            {
                await devices[(int)(published % devices.Count)].PublishOneAsync(cancellationToken);
            }
        }

        await allPublished.CancelAsync();
    }

    private static async Task FirstFailureAsync(List<Task> tasks, CancellationTokenSource others)
    {
        while (tasks.Count > 0)
        {
            var ended = await Task.WhenAny(tasks);
            tasks.Remove(ended);
            if (!ended.IsCompletedSuccessfully)
            {
                await others.CancelAsync();
                await ended;
            }
        }
    }
}
