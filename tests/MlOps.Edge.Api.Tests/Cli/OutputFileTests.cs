using System.Diagnostics;
using System.Runtime.Versioning;
using MlOps.Edge.Cli;
using MlOps.Edge.Cli.Usage;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Tests.Cli;

public sealed class OutputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-cli-").FullName;

    /// <summary>The verbs that write a file, up to its name.</summary>
    public static TheoryData<string> Verbs => ["telemetry export --format csv --out", "telemetry dead-letter 2 --save", "backup --out"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, MemberData(nameof(Verbs))]
    public async Task A_file_that_is_there_stays_unless_force_says_otherwise(string verb)
    {
        await using var cloud = await StartAsync();
        var (file, part) = (Write("kept", "mine"), Write("kept.part", "mine too"));

        var refused = await RunAsync(cloud, verb, file);
        Assert.Equal((5, $"error: '{file}' is there already; choose another name, or --force."), (refused.ExitCode, refused.Error.Trim()));
        Assert.Equal("mine", await ReadAsync(file));

        Assert.Equal(0, (await RunAsync(cloud, verb, file, "--force")).ExitCode);
        Assert.Equal(await ContentAsync(cloud, verb), await ReadAsync(file));
        Assert.Equal("mine too", await ReadAsync(part));
        Assert.Equal([file, part], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Verbs))]
    public async Task A_link_stays_and_its_target_is_written(string verb)
    {
        await using var cloud = await StartAsync();
        var (target, link) = (Path.Combine(_folder, "target"), Path.Combine(_folder, "link"));
        File.CreateSymbolicLink(link, "target");

        Assert.Equal(0, (await RunAsync(cloud, verb, link)).ExitCode);
        Assert.Equal(("target", await ContentAsync(cloud, verb)), (new FileInfo(link).LinkTarget, await ReadAsync(target)));
        Assert.Equal(5, (await RunAsync(cloud, verb, link)).ExitCode);

        Write("target", "old");
        Assert.Equal(0, (await RunAsync(cloud, verb, link, "--force")).ExitCode);
        Assert.Equal(("target", await ContentAsync(cloud, verb)), (new FileInfo(link).LinkTarget, await ReadAsync(target)));
    }

    [Theory, MemberData(nameof(Verbs))]
    public async Task A_pipe_with_a_name_is_written_to_and_stays_one_also_behind_a_link(string verb)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The kind of a file is asked of Linux.");
        await using var cloud = await StartAsync();
        var (pipe, link) = (Path.Combine(_folder, "pipe"), Path.Combine(_folder, "link"));
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        File.CreateSymbolicLink(link, pipe);
        foreach (var name in (string[])[pipe, link])
        {
            var read = Task.Run(() => ReadAsync(pipe), TestContext.Current.CancellationToken);
            var run = await RunAsync(cloud, verb, name);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Equal(await ContentAsync(cloud, verb), await read);
            Assert.True(UnixFile.IsSpecial(pipe));
        }

        Assert.Equal(pipe, new FileInfo(link).LinkTarget);
        Assert.Equal([link, pipe], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Verbs))]
    public async Task A_dash_is_the_standard_output_and_what_is_said_of_it_goes_to_the_standard_error(string verb)
    {
        await using var cloud = await StartAsync();
        foreach (var name in (string[])["-", "/dev/stdout"])
        {
            var run = await RunAsync(cloud, verb, name);
            Assert.Equal((0, "", await ContentAsync(cloud, verb)), (run.ExitCode, run.Output, run.Bytes));
            Assert.Contains("-", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(Verbs))]
    public async Task What_cannot_be_a_file_is_one_line_before_anything_is_fetched(string verb)
    {
        await using var cloud = await StartAsync();
        var none = Path.Combine(_folder, "none");
        foreach (var (name, exitCode, expected) in ((string, int, string)[])[
            ("", 2, "is empty; name a file, or - for the standard output."),
            (_folder, 1, $"'{_folder}' is a folder; name a file in it with --"),
            (none + "/", 1, $"'{none}/' is a folder; name a file in it with --"),
            (Path.Combine(none, "x"), 1, $"cannot be written (there is no folder '{none}'); choose another with --")])
        {
            var run = await RunAsync(cloud, verb, name, "--force");
            Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
            Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
        }

        Assert.Empty(cloud.Rooms.Backups.Taken);
        Assert.Null(cloud.Rooms.Telemetry.Asked);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public async Task What_is_overwritten_keeps_its_readers()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are Unix's.");
        await using var cloud = await StartAsync();
        var file = Write("private", "mine");
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.SetUnixFileMode(file, OwnerOnly);
        Assert.Equal(0, (await RunAsync(cloud, "backup --out", file, "--force")).ExitCode);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_failure_leaves_what_was_there_and_nothing_else()
    {
        await using var cloud = await StartAsync();
        cloud.Rooms.Telemetry.BreaksOff = new InvalidOperationException("the disk is gone");
        var file = Write("kept", "mine");
        Assert.Equal(1, (await RunAsync(cloud, "telemetry export --out", file, "--force")).ExitCode);
        Assert.Equal("mine", await ReadAsync(file));
        Assert.Equal([file], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("", 2, "the file's name is empty; name the file to read.")]
    [InlineData("none.db", 3, "there is no file 'none.db'.")]
    public async Task A_file_to_read_that_is_none_is_one_line(string name, int exitCode, string expected)
    {
        await using var cloud = await StartAsync();
        var run = await RunAsync(cloud, "restore", name);
        Assert.Equal((exitCode, $"error: {expected}"), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task A_folder_is_no_backup_and_that_is_said()
    {
        await using var cloud = await StartAsync();
        var run = await RunAsync(cloud, "restore", _folder);
        Assert.Equal((1, $"error: '{_folder}' is a folder; name the file to read."), (run.ExitCode, run.Error.Trim()));
    }

    private static async Task<TestCloud> StartAsync()
    {
        var cloud = await TestCloud.StartAsync();
        cloud.Rooms.DeadLetters.All.Add((new(2, DeviceId.Parse("pump-07"), DateTimeOffset.UnixEpoch, "too old", 5), [.. "batch"u8]));
        return cloud;
    }

    private static async Task<string> ContentAsync(TestCloud cloud, string verb) => verb.Split(' ')[^2] switch
    {
        "csv" => (await cloud.GetAsync("/api/v1/telemetry/export?format=csv")).Text,
        "2" => "batch",
        _ => System.Text.Encoding.UTF8.GetString(cloud.Rooms.Backups.Content),
    };

    private static async Task<Run> RunAsync(TestCloud cloud, string verb, params string[] rest)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var bytes = new MemoryStream();
        var exit = await new MlOpsCli(new() { Output = output, Error = error, OutputBytes = () => bytes })
            .RunAsync([.. verb.Split(' '), .. rest, "--url", cloud.Url], TestContext.Current.CancellationToken);
        return new(exit, output.ToString(), error.ToString(), System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private sealed record Run(int ExitCode, string Output, string Error, string Bytes);
}
