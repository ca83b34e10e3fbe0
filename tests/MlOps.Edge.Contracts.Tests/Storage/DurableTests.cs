using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Contracts.Tests.Storage;

/// <summary>What can be seen without a power cut; the rest is seen in <c>tests/durability.sh</c>.</summary>
public sealed class DurableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-durable-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_is_made_with_those_above_it()
    {
        var deep = Path.Combine(_folder, "var", "lib", "agent");
        Durable.CreateFolder(deep);
        Durable.CreateFolder(deep);
        Assert.True(Directory.Exists(deep));
    }

    [Fact]
    public void A_folder_that_is_a_file_cannot_be_made()
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Assert.Throws<IOException>(() => Durable.CreateFolder(Path.Combine(_folder, "file")));
    }

    [Fact]
    public void A_folder_that_is_not_there_cannot_be_synced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no sync of folders");
        Assert.Contains("nowhere", Assert.Throws<IOException>(() => Durable.SyncFolder(Path.Combine(_folder, "nowhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_log_of_a_database_is_left_as_it_is_and_need_not_be_there()
    {
        var database = Path.Combine(_folder, "outbox.db");
        Durable.SyncLog(database);
        File.WriteAllBytes(database + "-wal", [1, 2, 3]);
        Durable.SyncLog(database);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(database + "-wal"));
        Assert.Equal([database + "-wal"], Directory.GetFiles(_folder));
    }
}
