using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd;

/// <summary><c>mlops backup</c> and <c>mlops restore</c> against a cloud that devices talk to.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class BackupTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task A_backup_is_taken_while_devices_send_and_another_cloud_goes_on_from_it()
    {
        await using var cloud = new ServedCloud(_folder["cloud"]);
        await cloud.StartAsync();
        await using var plant = BuiltProgram.Start(
            BuiltProgram.Simulator, "--devices", "3", "--ticks", "100000", "--pace", "0.05", "--cloud", cloud.Url, "--broker", cloud.Broker, "--state", _folder["plant"]);
        await using var stores = cloud.OpenStores();
        await Wait.UntilAsync("batches are stored", async () => (await CountAsync(stores)).Batches > 20);

        var file = _folder["copy.db"];
        var backup = await cloud.AskAsync("backup", "--out", file, "-o", "json");
        Assert.Equal((0, ""), (backup.ExitCode, backup.Error));
        Assert.Contains("\"sha256\"", backup.Output, StringComparison.Ordinal);
        Assert.Equal(5, (await cloud.AskAsync("backup", "--out", file)).ExitCode);
        Assert.Equal(0, (await plant.StopAsync()).ExitCode);

        await using var other = new ServedCloud(_folder["other"]);
        await other.StartAsync();
        var restored = await other.AskAsync("restore", file);
        Assert.True(restored.ExitCode == 0, restored.Error);
        await Wait.UntilAsync("it serves the backup", async () => (await other.AskAsync("device", "list")).Output.Contains("device-", StringComparison.Ordinal));
        await using var otherStores = other.OpenStores();
        var (mine, theirs) = (await CountAsync(stores), await CountAsync(otherStores));
        Assert.InRange(theirs.Batches, 20, mine.Batches);
        Assert.True(File.Exists(Path.Combine(other.Folder, "cloud.db.replaced-1")));
        await other.StopAsync();
        await cloud.StopAsync();
    }

    [Fact]
    public async Task A_file_that_is_no_backup_is_refused_and_the_cloud_goes_on()
    {
        await using var cloud = new ServedCloud(_folder["cloud"]);
        await cloud.StartAsync();
        await File.WriteAllTextAsync(_folder["text"], "hello", TestContext.Current.CancellationToken);

        var refused = await cloud.AskAsync("restore", _folder["text"]);
        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("no backup of a cloud", refused.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await cloud.AskAsync("restore", _folder["missing"])).ExitCode);
        Assert.Equal(0, (await cloud.AskAsync("device", "list")).ExitCode);
        await cloud.StopAsync();
    }

    public void Dispose() => _folder.Dispose();

    private static Task<TelemetryTotals> CountAsync(ServiceProvider stores) => stores.GetRequiredService<ITelemetryStore>().CountAsync(TestContext.Current.CancellationToken);
}
