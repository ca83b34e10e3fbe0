using System.Globalization;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Agent;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability.Disks;

/// <summary>Cuts the power of a recorded program at moments of its recording, and has a check look at the folder that is left.</summary>
/// <param name="root">The folder that the recording is of.</param>
/// <param name="before">Its files as the recording began; see <see cref="Disk.Look"/>.</param>
/// <param name="seed">Draws the moments, and what arrives of what was not synced.</param>
internal sealed class PowerCuts(string root, Recording recording, IReadOnlyDictionary<string, byte[]?> before, int seed)
{
    // On a disk in memory where there is one: a check opens stores, which sync, and none of that is what is looked at.
    private static readonly string Room = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public string Root => root;

    /// <summary>How many folders were looked at.</summary>
    public int Images { get; private set; }

    /// <summary>Moments drawn from the seed, and those given, in their order.</summary>
    public long[] Moments(int drawn, IEnumerable<long> given)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, drawn).Select(_ => random.NextInt64(recording.End)).Concat(given).Distinct().Order()];
    }

    /// <returns>What the check found wrong, each with its moment.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IEnumerable<long> moments, Func<string, long, Task<IReadOnlyList<string>>> check)
    {
        var (disk, random, wrong) = (new Disk(root, recording, before), new Random(seed), new List<string>());
        foreach (var moment in moments)
        {
            disk.GoTo(moment);
            foreach (var (kind, image) in ((string, IEnumerable<(string, byte[]?)>)[])[("all that was not synced is lost", disk.Synced()), ("what was not synced is torn", disk.Torn(random))])
            {
                var found = await CheckAsync(image, moment, check);
                wrong.AddRange(found.Select(fault => string.Create(CultureInfo.InvariantCulture, $"power cut at line {moment}, {kind}: {fault}")));
            }
        }

        return wrong;
    }

    /// <summary>Whether the recording explains the folder as it is now: otherwise it has missed something.</summary>
    public IReadOnlyList<string> Unexplained()
    {
        var disk = new Disk(root, recording, before);
        disk.GoTo(long.MaxValue);
        var (written, real) = (disk.Written().ToDictionary(file => file.Path, file => file.Content), Disk.Look(root));
        return
        [
            .. real.Keys.Except(written.Keys).Select(path => $"'{path}' is in no recorded call"),
            .. written.Keys.Except(real.Keys).Select(path => $"'{path}' should be there"),
            .. written.Where(file => !IsShared(file.Key) && real.TryGetValue(file.Key, out var content) && !(content ?? []).AsSpan().SequenceEqual(file.Value)).Select(file => $"'{file.Key}' has another content than was recorded"),
        ];
    }

    private async Task<IReadOnlyList<string>> CheckAsync(IEnumerable<(string Path, byte[]? Content)> image, long moment, Func<string, long, Task<IReadOnlyList<string>>> check)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Room, $"mlops-power-cut-{Environment.ProcessId}")).FullName;
        try
        {
            foreach (var (path, content) in image.Where(file => !IsShared(file.Path)))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(root, path));
                if (content is null)
                {
                    Directory.CreateDirectory(copy);
                    continue;
                }

                await File.WriteAllBytesAsync(copy, content, TestContext.Current.CancellationToken);
            }

            Images++;
            return await check(folder, moment);
        }
        catch (Exception e) when (e is AgentFailureException or StoreException or SqliteException)
        {
            return [$"it does not open: {e.Message}"];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // SQLite's index of the log is memory that processes share; it is never synced, and made anew from the log.
    private static bool IsShared(string path) => path.EndsWith("-shm", StringComparison.Ordinal);
}
