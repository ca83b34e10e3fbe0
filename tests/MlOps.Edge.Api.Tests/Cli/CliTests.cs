using System.Globalization;
using MlOps.Edge.Cli;
using MlOps.Edge.Cloud.Rollouts;

namespace MlOps.Edge.Api.Tests.Cli;

public sealed class CliTests
{
    [Fact]
    public async Task Json_is_the_api_s_own_document()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var run = await RunAsync(cloud, "device", "show", "pump-07", "-o", "json");
        Assert.Equal(0, run.ExitCode);
        Assert.True(System.Text.Json.JsonElement.DeepEquals((await cloud.GetAsync("/api/v1/devices/pump-07")).Json, System.Text.Json.JsonElement.Parse(run.Output)));
    }

    [Fact]
    public async Task A_device_that_refused_a_model_shows_the_reason_and_the_next_step()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var run = await RunAsync(cloud, "device", "show", "pump-07");
        Assert.Contains("the signature is not from a trusted key", run.Output);
        Assert.Contains("→ pump-rul:1 was refused before it ran", run.Output);
        Assert.Contains("stuck at 3.2 mm/s", run.Output);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public async Task Tables_fit_the_terminal(int width)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        foreach (var verb in (string[][])[["device", "list"], ["device", "show", "pump-07"], ["model", "list"], ["model", "show", "pump-rul"], ["drift", "show", "pump-rul"]])
        {
            var run = await RunAsync(cloud, width, verb);
            Assert.Equal(0, run.ExitCode);
            Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, width));
            Assert.DoesNotContain('\e', run.Output);
        }
    }

    [Fact]
    public async Task In_a_pipe_a_table_is_plain_columns_with_one_line_per_row()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var lines = (await RunAsync(cloud, "device", "list")).Output.Split(Environment.NewLine);
        Assert.StartsWith("DEVICE   LINK", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("pump-07  online", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, l => l.Contains('│', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exit_codes_tell_what_went_wrong()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.Equal(3, (await RunAsync(cloud, "device", "show", "pump-99")).ExitCode);
        Assert.Equal(2, (await RunAsync(cloud, "device", "show", "Pump-99")).ExitCode);
        Assert.Equal(0, (await RunAsync(cloud, "event", "add", "pump-07", "--kind", "failure", "--frame", "7", "--id", "wo-1")).ExitCode);
        var conflict = await RunAsync(cloud, "event", "add", "pump-07", "--kind", "failure", "--frame", "8", "--id", "wo-1");
        Assert.Equal(5, conflict.ExitCode);
        Assert.Equal("error: Event 'wo-1' is recorded with another content.", conflict.Error.Trim());
        Assert.Equal(5, (await RunAsync(cloud, "event", "add", "pump-07", "--kind", "replaced", "--frame", "9")).ExitCode);
    }

    [Theory]
    [InlineData("device show pump-99", "There is no device 'pump-99'. 'mlops device list' shows what there is.")]
    [InlineData("model show none", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("model history none", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("model train none", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("model reissue none 1 --reason r", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("model reissue pump-rul 9 --reason r", "Model 'pump-rul' has no version 9; its newest is 2. 'mlops model show pump-rul' shows what there is.")]
    [InlineData("drift show none", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("rollout show none", "There is no rollout 'none'. 'mlops rollout list' shows what there is.")]
    [InlineData("rollout pause none --reason r", "There is no rollout 'none'. 'mlops rollout list' shows what there is.")]
    [InlineData("rollout resume none --reason r", "There is no rollout 'none'. 'mlops rollout list' shows what there is.")]
    [InlineData("rollout abort none --reason r", "There is no rollout 'none'. 'mlops rollout list' shows what there is.")]
    [InlineData("rollout start none 1", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("rollout start pump-rul 9", "Model 'pump-rul' has no version 9; its newest is 2. 'mlops model show pump-rul' shows what there is.")]
    [InlineData("event add pump-99 --kind failure", "No readings of an asset 'pump-99' are stored; known are pump-07. 'mlops device list' shows what there is.")]
    [InlineData("event list --asset pump-99", "No readings of an asset 'pump-99' are stored; known are pump-07. 'mlops device list' shows what there is.")]
    [InlineData("rollout list --model none", "There is no model 'none'. 'mlops model list' shows what there is.")]
    [InlineData("telemetry latest pump-99", "No readings of 'pump-99' are stored; known are pump-07#1. 'mlops telemetry latest' shows what there is.")]
    [InlineData("telemetry tail pump-99", "No readings of 'pump-99' are stored; known are pump-07#1. 'mlops telemetry latest' shows what there is.")]
    [InlineData("telemetry query pump-99", "No readings of 'pump-99' are stored; known are pump-07#1. 'mlops telemetry latest' shows what there is.")]
    [InlineData("device list --group hall-3", "No device is of a group 'hall-3'; known are hall-2. 'mlops device list' shows what there is.")]
    [InlineData("device list --machine-kind turbofan", "No device is of a machine kind 'turbofan'; known are centrifugal-pump. 'mlops device list' shows what there is.")]
    public async Task What_is_not_there_is_exit_code_3_with_the_verb_that_shows_what_is(string line, string expected)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        foreach (var output in (string[])["table", "json"])
        {
            var run = await RunAsync(cloud, [.. line.Split(' '), "-o", output]);
            Assert.Equal((3, $"error: {expected}", ""), (run.ExitCode, run.Error.Trim(), run.Output));
        }
    }

    [Theory]
    [InlineData("device list")]
    [InlineData("device show pump-07")]
    [InlineData("model list")]
    [InlineData("model show pump-rul")]
    [InlineData("model history pump-rul")]
    [InlineData("model train pump-rul")]
    [InlineData("model reissue pump-rul 1 --reason noise")]
    [InlineData("drift show pump-rul")]
    [InlineData("rollout list")]
    [InlineData("rollout start pump-rul 2 --wait --timeout 0s")]
    [InlineData("event add pump-07 --kind inspected")]
    [InlineData("event list")]
    [InlineData("telemetry latest")]
    [InlineData("telemetry query")]
    [InlineData("telemetry gaps")]
    public async Task Every_verb_answers_in_json_and_nothing_else_on_the_standard_output(string line)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var run = await RunAsync(cloud, [.. line.Split(' '), "-o", "json"]);
        Assert.True(run.ExitCode is 0 or 7, run.Error);
        Assert.NotEqual(System.Text.Json.JsonValueKind.Undefined, System.Text.Json.JsonElement.Parse(run.Output).ValueKind);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("abort")]
    public async Task An_order_to_a_rollout_answers_in_json(string word)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        await RunAsync(cloud, "rollout", "start", "pump-rul", "2");
        var id = cloud.Rooms.Rollouts.Single().Key;
        if (word == "resume")
        {
            await RunAsync(cloud, "rollout", "pause", id, "--reason", "lunch");
        }

        var run = await RunAsync(cloud, "rollout", word, id, "--reason", "noise", "-o", "json");
        Assert.Equal((0, id), (run.ExitCode, System.Text.Json.JsonElement.Parse(run.Output).GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("device lst", "'mlops device' has no 'lst'. Did you mean 'list'?")]
    [InlineData("devise list", "'mlops' has no 'devise'. Did you mean 'device'?")]
    [InlineData("device", "'mlops device' needs one of: list, show, release.")]
    [InlineData("", "'mlops' needs one of: device, model, rollout, drift, event, telemetry, backup, restore.")]
    [InlineData("device list --grup x", "'mlops device list' has no option '--grup'. Did you mean '--group'?")]
    [InlineData("device list -o yaml", "--output is table or json, not 'yaml'.")]
    [InlineData("device list -o csv", "--output is table or json, not 'csv'; only 'mlops telemetry query' has that.")]
    [InlineData("telemetry export", "--out")]
    [InlineData("rollout start pump-rul two", "<version> is 'two'; it must be a whole number, e.g. 20.")]
    [InlineData("model history pump-rul --limit many", "--limit is 'many'; it must be a whole number, e.g. 20.")]
    [InlineData("event add pump-07 --kind failure --frame 1.5", "--frame is '1.5'; it must be a whole number, e.g. 20.")]
    [InlineData("event add pump-07 --kind failure --at yesterday", "--at is 'yesterday'; it must be a time as in RFC 3339, e.g. 2026-11-23T06:30:00Z.")]
    [InlineData("rollout start pump-rul 2 --timeout soon", "--timeout is a duration such as 90s")]
    [InlineData("rollout start pump-rul 2 --wave all", "--wave 'all' is not mode:percent:soak:deadline")]
    [InlineData("rollout pause r1", "--reason")]
    [InlineData("device list --url nowhere", "'nowhere' is not a URL of a cloud")]
    [InlineData("event add pump-07 --kind broken", "--kind is failure, replaced, inspected or sensor-repaired, not 'broken'.")]
    public async Task A_wrong_command_line_is_one_line_that_says_what_was_meant(string line, string expected)
    {
        var run = await RunAsync("http://127.0.0.1:1", null, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_definition_s_file_is_wrong_with_exit_code_2_and_missing_with_3()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-cli-");
        try
        {
            var file = Path.Combine(folder.FullName, "pump-rul.json");
            await File.WriteAllTextAsync(file, "{", TestContext.Current.CancellationToken);
            foreach (var (path, exitCode, expected) in new[] { (file + ".not", 3, "cannot be read"), (file, 2, "is not JSON"), ("", 2, "--file is empty; give it a value.") })
            {
                var run = await RunAsync("http://127.0.0.1:1", null, "model", "define", "--file", path);
                Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
                Assert.Contains(expected, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_version_that_is_the_newest_is_not_signed_again_and_the_answer_says_so()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.StartsWith("Nothing was signed: version 2 is the newest, and has this file already.", (await RunAsync(cloud, "model", "reissue", "pump-rul", "2", "--reason", "r")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing was signed", (await RunAsync(cloud, "model", "reissue", "pump-rul", "1", "--reason", "r")).Output, StringComparison.Ordinal);
        Assert.StartsWith("Nothing was signed: version 3 is the newest", (await RunAsync(cloud, "model", "reissue", "pump-rul", "1", "--reason", "r")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_champion_the_next_step_depends_on_whether_the_model_is_in_the_loop()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        cloud.Rooms.Drift.Clear();
        Assert.Contains("→ There is no champion yet, and the model is not in the loop: 'mlops model train pump-rul'", (await RunAsync(cloud, "drift", "show", "pump-rul")).Output);
        await RunAsync(cloud, "model", "train", "pump-rul");
        Assert.Contains("→ There is no champion yet. The loop is training: the first version is trained.", (await RunAsync(cloud, "drift", "show", "pump-rul")).Output);
    }

    [Fact]
    public async Task A_model_that_is_in_the_loop_already_keeps_its_order_and_the_tool_says_so()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        Assert.DoesNotContain("already", (await RunAsync(cloud, "model", "train", "pump-rul", "--seed", "3")).Output);
        Assert.DoesNotContain("already", (await RunAsync(cloud, "model", "train", "pump-rul", "--seed", "3")).Output);
        Assert.Contains("→ It was in the loop already, and how it is run stays: seed 3,", (await RunAsync(cloud, "model", "train", "pump-rul", "--seed", "4")).Output);
    }

    [Fact]
    public async Task A_cloud_that_is_not_there_is_one_line_with_its_address_and_the_option()
    {
        var run = await RunAsync("http://127.0.0.1:1", null, "device", "list");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("http://127.0.0.1:1", run.Error);
        Assert.Contains("--url", run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData(RolloutState.Finished, 0)]
    [InlineData(RolloutState.Aborted, 6)]
    public async Task Waiting_ends_with_the_rollout_and_its_exit_code_tells_how(RolloutState end, int exitCode)
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        cloud.Rooms.RolloutsAhead.Enqueue(end);
        var run = await RunAsync(cloud, "rollout", "start", "pump-rul", "2", "--wait", "--timeout", "30s");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains("wave 1 of 1 (shadow) running", run.Error);
        Assert.Contains(end.ToString().ToLowerInvariant(), run.Output);
    }

    [Fact]
    public async Task Waiting_too_long_is_exit_code_7_and_the_rollout_goes_on()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        var run = await RunAsync(cloud, "rollout", "start", "pump-rul", "2", "--wait", "--timeout", "0s");
        Assert.Equal(7, run.ExitCode);
        Assert.Contains("the rollout goes on", run.Error);
        Assert.Equal(RolloutState.Running, cloud.Rooms.Rollouts.Single().Value.View!.State);
    }

    [Fact]
    public async Task Help_ends_with_examples()
    {
        var run = await RunAsync("http://127.0.0.1:1", null, "event", "add", "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:", run.Output);
        Assert.Contains("--kind failure --note", run.Output);
    }

    [Fact]
    public async Task The_address_comes_from_the_environment_where_no_option_names_it()
    {
        await using var cloud = await TestCloud.WithOneDeviceAsync();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var exitCode = await new MlOpsCli(new() { Output = output, Error = TextWriter.Null, Variable = name => name == "MLOPS_URL" ? cloud.Url : null })
            .RunAsync(["model", "list"], TestContext.Current.CancellationToken);
        Assert.Equal(0, exitCode);
        Assert.Contains("pump-rul", output.ToString());
    }

    internal static Task<Run> RunAsync(TestCloud cloud, params string[] args) => RunAsync(cloud.Url, null, args);

    internal static Task<Run> RunAsync(TestCloud cloud, int width, params string[] args) => RunAsync(cloud.Url, width, args);

    private static async Task<Run> RunAsync(string url, int? width, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var cli = new MlOpsCli(new() { Output = output, Error = error, Width = width, Variable = name => name == "MLOPS_URL" ? url : null });
        return new(await cli.RunAsync(args, TestContext.Current.CancellationToken), output.ToString(), error.ToString());
    }

    internal sealed record Run(int ExitCode, string Output, string Error);
}
