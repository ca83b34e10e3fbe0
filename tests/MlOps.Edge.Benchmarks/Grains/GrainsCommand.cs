using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Benchmarks.Figures;
using MlOps.Edge.Benchmarks.Processes;
using MlOps.Edge.Benchmarks.Store;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Stores;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Spectre.Console;

namespace MlOps.Edge.Benchmarks.Grains;

/// <summary><c>grains</c>: how long it takes until every device of a fleet has its grain again after a restart, and what they take in memory.</summary>
internal static class GrainsCommand
{
    private const int AtOnce = 256;
    private const double MostSeconds = 10;
    private const double MostBytes = 4096;

    public static Command Create()
    {
        var devices = new Option<int>("--devices") { Description = "Grains.", DefaultValueFactory = _ => 100_000 };
        var output = Output.Option();
        var command = new Command("grains", "Device grains with state are activated after a restart, over the SQLite stores.") { devices, output };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() =>
            RunAsync(Bounds.Within("--devices", parsed.GetValue(devices), 100, 1_000_000), Output.Of(parsed, output), cancellationToken)));
        return command;
    }

    private static async Task RunAsync(int devices, Report report, CancellationToken cancellationToken)
    {
        var machine = Machine.Read();
        using var folder = new WorkFolder();
        Report.Progress($"{devices} devices connect once, so that there is state …");
        await InSiloAsync(folder.Path, async grains =>
        {
            await EachAsync(devices, grains, device => device.ConnectionAsync(true, "bench"), cancellationToken);
            return 0;
        });
        Report.Progress($"The silo starts again …");
        var figures = await InSiloAsync(folder.Path, grains => MeasureAsync(devices, grains, cancellationToken));
        report.Write(new { machine, cases = (GrainFigures[])[figures] }, console => Write(console, machine, figures));
    }

    private static async Task<GrainFigures> MeasureAsync(int devices, IGrainFactory grains, CancellationToken cancellationToken)
    {
        // What the first activation brings with it is not the grains'.
        await grains.GetGrain<IDeviceGrain>("warm-up").GetAsync();
        var (memory, cpu, began) = (GC.GetTotalMemory(forceFullCollection: true), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await EachAsync(devices, grains, device => device.GetAsync(), cancellationToken);
        var (seconds, used) = (Stopwatch.GetElapsedTime(began).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - memory) / (double)devices;
        return new("grains", devices, seconds, used, bytes, [new("seconds until all are active", seconds, AtMost: MostSeconds), new("bytes of memory a grain", bytes, AtMost: MostBytes)]);
    }

    private static Task EachAsync(int devices, IGrainFactory grains, Func<IDeviceGrain, Task> call, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, devices), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (number, _) => await call(grains.GetGrain<IDeviceGrain>(FormattableString.Invariant($"bench-{number:000000}"))));

    private static async Task<T> InSiloAsync<T>(string folder, Func<IGrainFactory, Task<T>> work)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(Ports.Free(), Ports.Free()).AddSqliteStores(folder);
            silo.Services.AddSingleton<IDeviceDownlink, SilentDownlink>().AddDeviceRooms();

            // All are to be counted at the end, however long that takes.
            silo.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromHours(1));
        });
        using var host = builder.Build();
        await host.StartAsync();
        var result = await work(host.Services.GetRequiredService<IGrainFactory>());
        await host.StopAsync();
        return result;
    }

    private static void Write(IAnsiConsole console, Machine machine, GrainFigures figures)
    {
        console.WriteLine(machine.ToString());
        console.WriteLine(FormattableString.Invariant(
            $"{figures.Grains:N0} device grains active in {figures.Seconds:0.0} s ({figures.CpuSeconds / figures.Grains * 1e6:0} CPU µs each), {figures.BytesPerGrain:N0} bytes each"));
        foreach (var limit in figures.Limits)
        {
            console.WriteLine(FormattableString.Invariant($"  {(limit.Held ? "held  " : "missed")} {limit.What}: {limit.Value:0.0}, at most {limit.AtMost:0}"));
        }
    }
}

/// <summary>What the activation of a fleet took.</summary>
internal sealed record GrainFigures(string Case, int Grains, double Seconds, double CpuSeconds, double BytesPerGrain, IReadOnlyList<Limit> Limits);
