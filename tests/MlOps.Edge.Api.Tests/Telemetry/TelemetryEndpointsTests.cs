using System.Net;
using System.Text.Json;
using MlOps.Edge.Cloud.Telemetry;
using Parquet;

namespace MlOps.Edge.Api.Tests.Telemetry;

public sealed class TelemetryEndpointsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_latest_values_have_their_units_of_measure()
    {
        await using var cloud = await TestCloud.StartAsync();
        var unit = Assert.Single((await cloud.GetAsync("/api/v1/telemetry/latest")).Json.EnumerateArray());
        Assert.Equal(("pump-07", 1, "edge-07", 9), (unit.GetProperty("asset").GetString(), unit.GetProperty("installation").GetInt32(), unit.GetProperty("device").GetString(), unit.GetProperty("frame").GetInt64()));
        Assert.Equal("""{"name":"flow","unit":"m3/h","value":-1.25}""", unit.GetProperty("channels")[0].GetRawText());
        Assert.False(unit.GetProperty("channels")[1].TryGetProperty("value", out _));
    }

    [Fact]
    public async Task A_range_is_columns_with_null_for_what_is_missing()
    {
        await using var cloud = await TestCloud.StartAsync();
        var range = (await cloud.GetAsync("/api/v1/telemetry/range")).Json;
        var page = Assert.Single(range.GetProperty("pages").EnumerateArray());
        Assert.Equal("raw", range.GetProperty("resolution").GetString());
        Assert.Equal("""["1970-01-01T00:00:01.000Z","1970-01-01T00:00:02.000Z","1970-01-01T00:00:03.500Z"]""", page.GetProperty("times").GetRawText());
        Assert.Equal("[7,8,9]", page.GetProperty("frames").GetRawText());
        Assert.Equal("[0.1,null,-0]", page.GetProperty("values").GetProperty("flow").GetRawText());
        Assert.Equal("Infinity", page.GetProperty("values").GetProperty("a,\"b\"")[0].GetString());
        Assert.Equal(["full", "stopped"], range.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Intervals_have_counts_means_and_extremes()
    {
        await using var cloud = await TestCloud.StartAsync();
        var page = (await cloud.GetAsync("/api/v1/telemetry/range?resolution=minute")).Json.GetProperty("pages")[0];
        Assert.Equal("[60] [1.5] [1] [2]", $"{page.GetProperty("counts")} {page.GetProperty("mean").GetProperty("flow")} {page.GetProperty("least").GetProperty("flow")} {page.GetProperty("greatest").GetProperty("flow")}");
        Assert.Equal(
            "time,device,asset,installation,count,flow.mean,\"a,\"\"b\"\".mean\",flow.least,\"a,\"\"b\"\".least\",flow.greatest,\"a,\"\"b\"\".greatest\"\n1970-01-01T00:01:00.000Z,edge-07,pump-07,1,60,1.5,,1,,2,\n",
            (await cloud.GetAsync("/api/v1/telemetry/range?resolution=minute&format=csv")).Text);
    }

    [Theory]
    [InlineData("?format=csv", null)]
    [InlineData("", "text/csv")]
    public async Task Csv_has_a_line_for_each_frame(string query, string? accept)
    {
        await using var cloud = await TestCloud.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/telemetry/range" + query);
        request.Headers.Accept.ParseAdd(accept ?? "*/*");
        using var response = await cloud.Http.SendAsync(request, Cancelled);
        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            "time,device,asset,installation,frame,flow,\"a,\"\"b\"\"\"\n1970-01-01T00:00:01.000Z,edge-07,pump-07,1,7,0.1,Infinity\n1970-01-01T00:00:02.000Z,edge-07,pump-07,1,8,,16777216\n1970-01-01T00:00:03.500Z,edge-07,pump-07,1,9,-0,1E-45\n",
            await response.Content.ReadAsStringAsync(Cancelled));
    }

    [Fact]
    public async Task Ndjson_has_a_document_for_each_frame()
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.GetAsync("/api/v1/telemetry/range?format=ndjson");
        Assert.Equal("application/x-ndjson", answer.Type);
        Assert.Equal("""{"time":"1970-01-01T00:00:02.000Z","device":"edge-07","asset":"pump-07","installation":1,"frame":8,"values":{"flow":null,"a,\"b\"":16777216}}""", answer.Text.Split('\n')[1]);
        Assert.Equal(3, answer.Text.Count(c => c == '\n'));
    }

    [Fact]
    public async Task Parquet_has_a_row_for_each_frame_in_row_groups()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.Telemetry.Pages = 30_000;
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(await cloud.Http.GetByteArrayAsync("/api/v1/telemetry/export", Cancelled)), cancellationToken: Cancelled);
        Assert.Equal(["time", "device", "asset", "installation", "frame", "flow", "a,\"b\""], reader.Schema.GetDataFields().Select(f => f.Name));
        Assert.Equal("m3/h", reader.CustomMetadata["unit.flow"]);
        Assert.Equal([65_538L, 24_462L], reader.RowGroups.Select(g => g.RowCount));
        using var group = reader.OpenRowGroupReader(1);
        var (times, devices, flow) = (new DateTime[group.RowCount], new string[group.RowCount], new float[group.RowCount]);
        await group.ReadAsync<DateTime>(reader.Schema.FindDataField("time"), times, cancellationToken: Cancelled);
        await group.ReadAsync(reader.Schema.FindDataField("device"), devices, cancellationToken: Cancelled);
        await group.ReadAsync<float>(reader.Schema.FindDataField("flow"), flow, cancellationToken: Cancelled);
        Assert.Equal(DateTime.UnixEpoch.AddMilliseconds(3_500), times[^1]);
        Assert.All(devices, device => Assert.Equal("edge-07", device));
        Assert.Equal(FakeTelemetry.Frames.Values[0].Select(BitConverter.SingleToInt32Bits), flow[^3..].Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public async Task A_question_arrives_as_it_was_asked()
    {
        await using var cloud = await TestCloud.StartAsync();
        await cloud.GetAsync("/api/v1/telemetry/range?asset=pump-07%231,pump-07&device=edge-07&group=g&machineKind=k&channels=b,a&from=-2h&to=2026-01-01T01:00:00%2B01:00&resolution=hour&maxPoints=10");
        var asked = cloud.Rooms.Telemetry.Asked!;
        Assert.Equal("pump-07#1 pump-07 edge-07 g k b a", string.Join(' ', [.. asked.Units.Assets, .. asked.Units.Devices, asked.Units.Group!, asked.Units.MachineKind!, .. asked.Channels]));
        Assert.Equal((new(TimeAnchor.Now, TimeSpan.FromHours(-2)), QueryTime.At(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), Resolution.Hour, 10), (asked.From, asked.To, asked.Resolution, asked.MaxPoints));
        await cloud.GetAsync("/api/v1/telemetry/export?format=csv");
        Assert.Equal((QueryTime.At(DateTimeOffset.UnixEpoch), null, Resolution.Raw), (cloud.Rooms.Telemetry.Asked!.From, cloud.Rooms.Telemetry.Asked.To, cloud.Rooms.Telemetry.Asked.Resolution));
    }

    [Theory]
    [InlineData("range?from=yesterday", "from")]
    [InlineData("range?to=1h", "to")]
    [InlineData("range?asset=Pump", "asset")]
    [InlineData("latest?device=Edge+7", "device")]
    [InlineData("range?resolution=second", "resolution")]
    [InlineData("range?maxPoints=many", "maxPoints")]
    [InlineData("range?format=parquet", "format")]
    [InlineData("latest?channels=flow%0A", "channels")]
    [InlineData("latest?chanels=flow", "chanels")]
    [InlineData("range?asset=pump-07&start=-1h", "start")]
    [InlineData("dead-letters?device=edge-07&since=5", "since")]
    [InlineData("export?format=json", "format")]
    [InlineData("gaps?limit=1001", "limit")]
    [InlineData("live?asset=Pump", "asset")]
    public async Task What_cannot_be_read_names_the_parameter(string path, string field)
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.GetAsync($"/api/v1/telemetry/{path}");
        Assert.StartsWith($"{field}: ", answer.Problem(HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Equal(field, answer.Json.GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("range?format=xlsx", "format: expected one of json, ndjson, csv, not 'xlsx'; parquet is at /telemetry/export")]
    [InlineData("export?format=xlsx", "format: expected one of parquet, csv, ndjson, not 'xlsx'; json is at /telemetry/range")]
    [InlineData("range?from=0001-01-01", "from: '0001-01-01' is before 1970-01-01T00:00:00Z, the first time that a reading can have.")]
    [InlineData("gaps?limits=5", "limits: there is no such parameter here; it takes asset, channels, device, from, group, limit, machineKind, to")]
    public async Task What_is_expected_is_what_is_taken(string path, string detail)
    {
        await using var cloud = await TestCloud.StartAsync();
        Assert.Equal(detail, (await cloud.GetAsync($"/api/v1/telemetry/{path}")).Problem(HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("range")]
    [InlineData("export")]
    [InlineData("live")]
    public async Task A_unit_that_nobody_read_is_not_found(string path)
    {
        await using var cloud = await TestCloud.StartAsync();
        var answer = await cloud.GetAsync($"/api/v1/telemetry/{path}?asset=pump-99");
        Assert.Equal("No readings of 'pump-99' are stored; known are pump-07#1.", answer.Problem(HttpStatusCode.NotFound));
        Assert.Equal("/api/v1/telemetry/latest", answer.Json.GetProperty("see").GetString());
    }

    [Fact]
    public async Task An_answer_that_fails_on_the_way_breaks_off_and_does_not_look_complete()
    {
        await using var cloud = await TestCloud.StartAsync();
        cloud.Rooms.Telemetry.BreaksOff = new InvalidOperationException("the disk is gone");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => cloud.Http.GetStringAsync("/api/v1/telemetry/range?format=csv", Cancelled));
    }

    [Fact]
    public async Task New_readings_come_as_events_and_what_was_missed_is_said()
    {
        await using var cloud = await TestCloud.StartAsync();
        using var reader = new StreamReader(await cloud.Http.GetStreamAsync("/api/v1/telemetry/live", Cancelled));
        Assert.Equal(["event: open", "data: {}", ""], await LinesAsync(reader, 3));
        cloud.Rooms.Telemetry.Live.Writer.TryWrite(new(40, [FakeTelemetry.Channels[0]], FakeTelemetry.Frames));
        var lines = await LinesAsync(reader, 6);
        Assert.Equal(["event: missed", """data: {"frames":40}""", "", "event: readings"], lines[..4]);
        var data = JsonElement.Parse(lines[4]["data: ".Length..]);
        Assert.Equal("[7,8,9] [0.1,null,-0]", $"{data.GetProperty("frames")} {data.GetProperty("values").GetProperty("flow")}");
    }

    private static async Task<string[]> LinesAsync(StreamReader reader, int count)
    {
        var lines = new string[count];
        for (var i = 0; i < count; i++)
        {
            lines[i] = (await reader.ReadLineAsync(Cancelled))!;
        }

        return lines;
    }
}
