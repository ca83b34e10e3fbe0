using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd;

/// <summary>What a person can mend is one line on standard error and the right exit code, from every program.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class UserMistakeTests : IDisposable
{
    // {0}: a folder to work in; {1}: a regular file, below which nothing can be written; {2}: a folder with malformed recordings; {3}: a port that is taken.
    public static TheoryData<string, string, int, string> Mistakes => new()
    {
        { BuiltProgram.Host, "demo --data {0}/nowhere --out {0}/out", 3, "there is no such folder" },
        { BuiltProgram.Host, "demo --data {2} --out {0}/out", 2, "line 2" },
        { BuiltProgram.Host, "serve --data-folder {0}/data --http-port {3} --mqtt-port 0", 5, "is taken" },
        { BuiltProgram.Host, "serve --data-folder {0}/data --http-port 0 --mqtt-port {3}", 5, "is taken" },
        { BuiltProgram.Host, "serve --data-folder {1}/data --http-port 0 --mqtt-port 0", 1, "cannot be written" },
        { BuiltProgram.Host, "serve --data-folder {1} --http-port 0 --mqtt-port 0", 1, "it is a file" },
        { BuiltProgram.Host, "serve --data-folder {0}/data --http-port 17001 --mqtt-port 17001", 2, "both given port 17001" },
        { BuiltProgram.Host, "serve --data-folder ", 2, "--data-folder is empty" },
        { BuiltProgram.Host, "demo --out ", 2, "--out is empty" },
        { BuiltProgram.Host, "demo --out {0}/out --data ", 2, "--data is empty" },
        { BuiltProgram.Host, "demo-verify ", 2, "<DIR> is empty" },
        { BuiltProgram.Host, "sevre", 2, "There is no command 'sevre'; the commands are serve, demo, demo-verify." },
        { BuiltProgram.Host, "serve --http-port many", 2, "--http-port is 'many'; it must be a whole number" },
        { BuiltProgram.Host, "demo --out {1}/out", 1, "cannot be written" },
        { BuiltProgram.Host, "demo-verify {0}/nowhere", 3, "nowhere" },
        { BuiltProgram.Host, "serve --port 1883", 2, "--port" },
        { BuiltProgram.Host, "demo --change weather --out {0}/out", 2, "choose one of" },
        { BuiltProgram.Simulator, "--data {0}/nowhere --state {0}/state", 3, "there is no such folder" },
        { BuiltProgram.Simulator, "--data {2} --state {0}/state", 2, "line 2" },
        { BuiltProgram.Simulator, "--state {1}/state", 1, "cannot be written" },
        { BuiltProgram.Simulator, "--state ", 2, "--state is empty" },
        { BuiltProgram.Simulator, "story --state {0}/state --data ", 2, "--data is empty" },
        { BuiltProgram.Simulator, "--pace fast --state {0}/state", 2, "--pace is 'fast'; it must be a number" },
        { BuiltProgram.Simulator, "--port 1883", 2, "--port" },
        { BuiltProgram.Simulator, "--change weather --state {0}/state", 2, "choose one of" },
        { BuiltProgram.Agent, "--replay {0}/nowhere.csv --state {0}/state", 3, "nowhere.csv" },
        { BuiltProgram.Agent, "--state ", 2, "--state is empty" },
        { BuiltProgram.Agent, "--replay {2}/agent.csv --state {0}/state", 2, "line 2" },
        { BuiltProgram.Agent, "--state {1}/state", 1, "cannot be written" },
        { BuiltProgram.Agent, "--prot 1883", 2, "no option '--prot'" },
    };

    private readonly TestFolder _folder = new();
    private readonly TcpListener _taken = new(IPAddress.Loopback, 0);

    public UserMistakeTests() => _taken.Start();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_one_clear_line_and_the_right_exit_code(string program, string line, int exitCode, string words)
    {
        File.WriteAllText(_folder["file"], "");
        Directory.CreateDirectory(_folder["malformed"]);
        File.WriteAllText(Path.Combine(_folder["malformed"], "first.csv"), "unit,cycle,flow|m3/h\n1,1,much\n");
        File.WriteAllText(Path.Combine(_folder["malformed"], "agent.csv"), "flow[m3/h]\nmuch\n");

        var port = ((IPEndPoint)_taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var arguments = string.Format(CultureInfo.InvariantCulture, line, _folder.Path, _folder["file"], _folder["malformed"], port).Split(' ');
        var ended = await BuiltProgram.RunAsync(program, arguments);

        Assert.Contains(words, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', ended.Error.Trim());
        Assert.Equal(exitCode, ended.ExitCode);
    }

    [Fact]
    public async Task A_second_cloud_on_one_folder_is_refused_in_one_line()
    {
        await using var first = new ServedCloud(_folder["cloud"]);
        await first.StartAsync();
        var second = await BuiltProgram.RunAsync(BuiltProgram.Host, "serve", "--data-folder", _folder["cloud"], "--http-port", "0", "--mqtt-port", "0");

        Assert.Contains("in use by another cloud", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', second.Error.Trim());
        Assert.Empty(second.Output);
        Assert.Equal(5, second.ExitCode);
        await first.StopAsync();
    }

    [Fact]
    public async Task A_demo_that_runs_keeps_its_folder_and_one_that_is_killed_takes_its_plant_along()
    {
        string[] demo = ["demo", "--devices", "10", "--out", _folder["out"]];
        await using var first = BuiltProgram.Start(BuiltProgram.Host, demo);
        await first.SaidAsync("recorded lives imported");
        var agent = Path.Combine(_folder["out"], "plant", "agents", "historian", "agent.lock");
        Assert.False(IsFree(agent));

        var second = await BuiltProgram.RunAsync(BuiltProgram.Host, demo);
        Assert.Equal((5, $"The folder '{_folder["out"]}' is in use by a demo that runs; stop that one, or choose another with --out.", ""), (second.ExitCode, second.Error.Trim(), second.Output));
        Assert.False(first.HasExited);
        Assert.True(File.Exists(agent));

        await first.KillAsync();
        await Wait.UntilAsync("the killed demo's plant has ended", () => IsFree(agent));
    }

    [Fact]
    public async Task A_demo_does_not_replace_what_a_cloud_serves()
    {
        Directory.CreateDirectory(_folder["out"]);
        await File.WriteAllTextAsync(Path.Combine(_folder["out"], ".mlops-demo"), "", TestContext.Current.CancellationToken);
        await using var cloud = new ServedCloud(Path.Combine(_folder["out"], "cloud"));
        await cloud.StartAsync();

        var demo = await BuiltProgram.RunAsync(BuiltProgram.Host, "demo", "--out", _folder["out"]);
        Assert.Equal((5, $"The folder '{_folder["out"]}' is in use by a cloud that runs; stop that one, or choose another with --out."), (demo.ExitCode, demo.Error.Trim()));
        await cloud.StopAsync();
    }

    // As another program would find it.
    private static bool IsFree(string file)
    {
        try
        {
            using var held = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_plant_at_another_pace_than_the_cloud_or_its_folder_has_is_refused_before_a_device_lives()
    {
        await using var cloud = new ServedCloud(_folder["cloud"]);
        await cloud.StartAsync();
        string[] Plant(string folder, string pace) => ["--devices", "2", "--ticks", "50", "--loop", "--pace", pace, "--cloud", cloud.Url, "--broker", cloud.Broker, "--state", _folder[folder]];
        await using (var plant = BuiltProgram.Start(BuiltProgram.Simulator, Plant("plant", "0.2")))
        {
            await plant.SaidAsync("devices live at");
            Assert.Equal(0, (await plant.StopAsync()).ExitCode);
        }

        var sameFolder = await BuiltProgram.RunAsync(BuiltProgram.Simulator, Plant("plant", "0.4"));
        Assert.Equal((5, $"The folder '{_folder["plant"]}' was made with --pace 0.2. Start it so, or choose another folder with --state.", ""), (sameFolder.ExitCode, sameFolder.Error.Trim(), sameFolder.Output));

        var sameCloud = await BuiltProgram.RunAsync(BuiltProgram.Simulator, Plant("other", "0.4"));
        Assert.Contains("at a pace of 0.2 s, and this plant's is 0.4 s. Start it with --pace 0.2, or", sameCloud.Error, StringComparison.Ordinal);
        Assert.Equal((5, ""), (sameCloud.ExitCode, sameCloud.Output));
        await cloud.StopAsync();
    }

    public void Dispose()
    {
        _taken.Dispose();
        _folder.Dispose();
    }
}
