using MlOps.Edge.Cli;

namespace MlOps.Edge.Api.Tests.Cli;

public sealed class TelemetryCliTests
{
    [Fact]
    public async Task A_query_is_a_table_with_a_column_for_each_channel()
    {
        await using var cloud = await TestCloud.StartAsync();
        var lines = (await RunAsync(cloud, "telemetry", "query", "pump-07")).Output.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.Equal(
            [
                "TIME UNIT FRAME flow [m3/h] a,\"b\"",
                "1970-01-01 00:00:01.000Z pump-07#1 7 0.1 Infinity",
                "1970-01-01 00:00:02.000Z pump-07#1 8 - 16777216",
                "1970-01-01 00:00:03.500Z pump-07#1 9 -0 1E-45",
                "3 frames, from 1970-01-01 00:00:00Z to 1970-01-01 01:00:00Z.",
                "→ 2 gaps may touch this span: 'mlops telemetry gaps' shows them.",
            ],
            lines[..6]);
        Assert.Contains("1.5 [1…2]", (await RunAsync(cloud, "telemetry", "query", "--resolution", "minute")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_is_the_api_s()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Equal((await cloud.GetAsync("/api/v1/telemetry/range?format=csv")).Text, (await RunAsync(cloud, "telemetry", "query", "-o", "csv")).Output);
    }

    [Fact]
    public async Task Tail_writes_a_line_for_each_frame_and_says_what_it_missed()
    {
        await using var cloud = await TestCloud.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            cloud.Rooms.Telemetry.Live.Writer.TryWrite(new(i, FakeTelemetry.Channels, FakeTelemetry.Frames));
        }

        var table = await RunAsync(cloud, "telemetry", "tail", "--limit", "4");

        Assert.Equal(0, table.ExitCode);
        Assert.Equal(4, table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("1970-01-01 00:00:01.000Z  pump-07#1  7  flow 0.1 m3/h  a,\"b\" Infinity", table.Output, StringComparison.Ordinal);
        Assert.Contains("1 frames were skipped", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_in_json_is_the_api_s_ndjson()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.Telemetry.Live.Writer.TryWrite(new(0, FakeTelemetry.Channels, FakeTelemetry.Frames));
        Assert.Equal((await cloud.GetAsync("/api/v1/telemetry/range?format=ndjson")).Text, (await RunAsync(cloud, "telemetry", "tail", "--limit", "3", "-o", "json")).Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Tail_ends_well_when_it_is_interrupted()
    {
        await using var cloud = await TestCloud.StartAsync();
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var error = new InterruptAt("Following", interrupt);
        var exit = await new MlOpsCli(new() { Output = new StringWriter(), Error = error }).RunAsync(["telemetry", "tail", "--url", cloud.Url], interrupt.Token);
        Assert.Equal(ExitCode.Ok, exit);
    }

    [Fact]
    public async Task An_export_is_a_file_that_appears_when_it_is_complete()
    {
        await using var cloud = await TestCloud.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mlops-cli-");
        try
        {
            var file = Path.Combine(folder.FullName, "readings.csv");
            var said = (await RunAsync(cloud, "telemetry", "export", "--format", "csv", "--out", file)).Output.Trim();
            Assert.Equal($"{file}: {new FileInfo(file).Length} B", said);
            Assert.Equal((await cloud.GetAsync("/api/v1/telemetry/export?format=csv")).Text, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));

            cloud.Rooms.Telemetry.BreaksOff = new InvalidOperationException("the disk is gone");
            var broken = await RunAsync(cloud, "telemetry", "export", "--format", "csv", "--out", Path.Combine(folder.FullName, "broken.csv"));
            Assert.Equal(1, broken.ExitCode);
            Assert.Contains("broke off in the middle of its answer", broken.Error, StringComparison.Ordinal);
            Assert.Contains("cannot be written", (await RunAsync(cloud, "telemetry", "export", "--out", Path.Combine(folder.FullName, "none", "x.parquet"))).Error, StringComparison.Ordinal);
            Assert.Equal([file], Directory.GetFiles(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Latest_values_and_gaps_are_tables()
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Contains("-1.25  m3/h", (await RunAsync(cloud, "telemetry", "latest")).Output, StringComparison.Ordinal);
        var gaps = (await RunAsync(cloud, "telemetry", "gaps")).Output;
        Assert.Contains("batches 3 to 5", gaps, StringComparison.Ordinal);
        Assert.Contains("frames 1 to 6", gaps, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("telemetry query --from yesterday", "from: 'yesterday' is not a time")]
    [InlineData("telemetry query --resolution second", "resolution: expected one of auto, raw, minute, hour, not 'second'")]
    [InlineData("telemetry query Pump-07", "asset: 'Pump-07' is neither an asset nor an installation of one")]
    [InlineData("telemetry gaps --limit 0", "limit: 1 to 1000")]
    [InlineData("telemetry export --format xlsx --out never.xlsx", "--format is parquet, csv or ndjson, not 'xlsx'.")]
    [InlineData("telemetry export --format json --out never.json", "--format is parquet, csv or ndjson, not 'json'.")]
    [InlineData("telemetry query -o xml", "--output is table, json or csv, not 'xml'.")]
    [InlineData("telemetry tail --limit 0", "--limit is 1 or more, not '0'.")]
    [InlineData("telemetry latest --channels ,", "--channels names none in ','")]
    [InlineData("telemetry gaps --device ,", "--device names none in ','")]
    public async Task What_cannot_be_read_is_a_wrong_command_line(string line, string expected)
    {
        await using var cloud = await TestCloud.StartAsync();
        var run = await RunAsync(cloud, line.Split(' '));
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"error: {expected}", run.Error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(TestCloud cloud, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await new MlOpsCli(new() { Output = output, Error = error }).RunAsync([.. args, "--url", cloud.Url], TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    private sealed class InterruptAt(string words, CancellationTokenSource interrupt) : StringWriter
    {
        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            if (value?.StartsWith(words, StringComparison.Ordinal) == true)
            {
                await interrupt.CancelAsync();
            }
        }
    }
}
