using MlOps.Edge.Host.Demo;

namespace MlOps.Edge.Host.Tests.Demo;

public sealed class DemoFolderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("mlops-host-");

    private string Out => Path.Combine(_root.FullName, "out");

    private string Cloud => Path.Combine(Out, "cloud");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void It_is_held_until_the_demo_ends_and_nothing_in_it_is_touched()
    {
        var file = Path.Combine(Out, "report.json");
        using (DemoFolder.Take(Out, Cloud))
        {
            File.WriteAllText(file, "{}");
            var error = Assert.Throws<UserErrorException>(() => DemoFolder.Take(Out, Cloud));
            Assert.Equal(ExitCodes.Conflict, error.ExitCode);
            Assert.Contains($"'{Out}' is in use by a demo that runs", error.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(file));
        }

        using (DemoFolder.Take(Out, Cloud))
        {
            Assert.False(File.Exists(file));
        }
    }

    [Fact]
    public void A_database_that_a_cloud_holds_is_not_removed_and_the_folder_is_let_go_of()
    {
        DemoFolder.Take(Out, Cloud).Dispose();
        Directory.CreateDirectory(Cloud);
        var held = Path.Combine(Cloud, "cloud.db.lock");
        using (new FileStream(held, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Equal(ExitCodes.Conflict, Assert.Throws<UserErrorException>(() => DemoFolder.Take(Out, Cloud)).ExitCode);
            Assert.True(File.Exists(held));
        }

        DemoFolder.Take(Out, Cloud).Dispose();
        Assert.False(Directory.Exists(Cloud));
    }

    [Fact]
    public void A_folder_of_something_else_is_not_touched()
    {
        Directory.CreateDirectory(Out);
        var file = Path.Combine(Out, "thesis.tex");
        File.WriteAllText(file, "");
        Assert.Equal(ExitCodes.Conflict, Assert.Throws<UserErrorException>(() => DemoFolder.Take(Out, Cloud)).ExitCode);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(Out));
    }
}
