using System.Globalization;
using System.Text.Json;
using MlOps.Edge.Contracts;
using MlOps.Edge.EndToEnd.Processes;
using Parquet;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>What a person asks of a served cloud is what the plant's machines said.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class TelemetryQueryTests
{
    private const int Devices = 3;
    private const int Ticks = 600;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Raw_readings_are_bit_for_bit_what_the_plant_produced_in_every_format_and_live()
    {
        using var folder = new TestFolder();
        await using var cloud = new ServedCloud(folder["cloud"]);
        await using var plant = new LivePlant(folder["plant"], cloud, Devices, seed: 11, Ticks);
        await cloud.StartAsync();
        using var http = new HttpClient { BaseAddress = new($"{cloud.Url}/api/v1/telemetry/") };
        using var live = new StreamReader(await http.GetStreamAsync("live", Cancelled));
        Assert.Equal("event: open", await live.ReadLineAsync(Cancelled));
        await plant.StartAsync(0.01);
        await Wait.UntilAsync("every device has lived to the end of the plan and the cloud has it all", () => plant.IsDrained);
        await plant.StopAsync();

        string[] channels = [.. plant.Source.Kind.Channels.Select(c => c.Name)];
        var truth = Enumerable.Range(0, Devices).SelectMany(plant.Truth).Select(f => new Frame(f.Unit, f.Age, f.Values)).Order().ToArray();
        Same(truth, await LiveAsync(live, truth.Length, channels));
        Same(truth, Lines(await http.GetStringAsync("range?from=1970-01-01&resolution=raw&format=ndjson", Cancelled), channels));
        Same(truth, Columns(JsonElement.Parse(await http.GetStringAsync("range?from=1970-01-01&resolution=raw", Cancelled)), channels));
        Same(truth, await ParquetAsync(await http.GetByteArrayAsync("export", Cancelled), channels));
        Same(truth, Csv(await http.GetStringAsync("export?format=csv", Cancelled), channels));
        Same(truth, Csv((await cloud.AskAsync("telemetry", "query", "--from", "1970-01-01", "--resolution", "raw", "-o", "csv")).Output, channels));

        // Hours of the same readings: an hour has a frame, or more.
        var hours = JsonElement.Parse(await http.GetStringAsync("range?from=1970-01-01&resolution=hour", Cancelled)).GetProperty("pages").EnumerateArray().ToArray();
        Assert.Equal(truth.Length, hours.Sum(page => page.GetProperty("counts").EnumerateArray().Sum(c => c.GetInt64())));
        var latest = JsonElement.Parse((await cloud.AskAsync("telemetry", "latest", "-o", "json")).Output).EnumerateArray().ToArray();
        Assert.Equal(
            truth.GroupBy(f => f.Unit).Select(unit => (unit.Key.ToString(), unit.Max(f => f.Age))),
            latest.Select(u => ($"{u.GetProperty("asset").GetString()}#{u.GetProperty("installation")}", u.GetProperty("frame").GetInt64())));
        await cloud.StopAsync();
    }

    private static void Same(Frame[] truth, IEnumerable<Frame> answered)
    {
        var ordered = answered.Order().ToArray();
        Assert.Equal(truth.Select(f => (f.Unit, f.Age)), ordered.Select(f => (f.Unit, f.Age)));
        foreach (var (said, found) in truth.Zip(ordered))
        {
            Assert.True(said.Bits.SequenceEqual(found.Bits), $"frame {said.Age} of {said.Unit} is {string.Join(' ', found.Values)}, not {string.Join(' ', said.Values)}");
        }
    }

    private static async Task<List<Frame>> LiveAsync(StreamReader live, int count, string[] channels)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var frames = new List<Frame>();
        var kind = "";
        while (frames.Count < count)
        {
            var line = await live.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException("the feed ended");
            kind = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : kind;
            Assert.NotEqual("missed", kind);
            if (kind == "readings" && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                frames.AddRange(Page(JsonElement.Parse(line["data: ".Length..]), channels));
            }
        }

        return frames;
    }

    private static IEnumerable<Frame> Columns(JsonElement range, string[] channels) => range.GetProperty("pages").EnumerateArray().SelectMany(page => Page(page, channels));

    private static IEnumerable<Frame> Page(JsonElement page, string[] channels)
    {
        var columns = channels.Select(c => page.GetProperty("values").GetProperty(c).EnumerateArray().Select(Value).ToArray()).ToArray();
        return page.GetProperty("frames").EnumerateArray().Select((frame, i) => new Frame(Unit(page), frame.GetInt64(), [.. columns.Select(c => c[i])]));
    }

    private static IEnumerable<Frame> Lines(string ndjson, string[] channels) => ndjson.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))
        .Select(row => new Frame(Unit(row), row.GetProperty("frame").GetInt64(), [.. channels.Select(c => Value(row.GetProperty("values").GetProperty(c)))]));

    private static IEnumerable<Frame> Csv(string csv, string[] channels)
    {
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["time", "device", "asset", "installation", "frame", .. channels], lines[0].Split(','));
        return lines.Skip(1).Select(line => line.Split(',')).Select(fields => new Frame(
            UnitRef.Parse($"{fields[2]}#{fields[3]}"), long.Parse(fields[4], CultureInfo.InvariantCulture),
            [.. fields.Skip(5).Select(f => f.Length == 0 ? float.NaN : float.Parse(f, CultureInfo.InvariantCulture))]));
    }

    private static async Task<List<Frame>> ParquetAsync(byte[] file, string[] channels)
    {
        var frames = new List<Frame>();
        await using var reader = await ParquetReader.CreateAsync(new MemoryStream(file), cancellationToken: Cancelled);
        foreach (var group in reader.RowGroups)
        {
            async Task<T[]> ReadAsync<T>(string column)
                where T : struct
            {
                var values = new T[group.RowCount];
                await group.ReadAsync<T>(reader.Schema.FindDataField(column), values, cancellationToken: Cancelled);
                return values;
            }

            var assets = new string[group.RowCount];
            await group.ReadAsync(reader.Schema.FindDataField("asset"), assets, cancellationToken: Cancelled);
            var (installations, ages, columns) = (await ReadAsync<int>("installation"), await ReadAsync<long>("frame"), new List<float[]>());
            foreach (var channel in channels)
            {
                columns.Add(await ReadAsync<float>(channel));
            }

            frames.AddRange(assets.Select((asset, i) => new Frame(new(AssetId.Parse(asset), installations[i]), ages[i], [.. columns.Select(c => c[i])])));
        }

        return frames;
    }

    private static UnitRef Unit(JsonElement row) => new(AssetId.Parse(row.GetProperty("asset").GetString()!), row.GetProperty("installation").GetInt32());

    private static float Value(JsonElement value) => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle();

    private sealed record Frame(UnitRef Unit, long Age, float[] Values) : IComparable<Frame>
    {
        public IEnumerable<int> Bits => Values.Select(v => float.IsNaN(v) ? BitConverter.SingleToInt32Bits(float.NaN) : BitConverter.SingleToInt32Bits(v));

        public int CompareTo(Frame? other) => Unit.CompareTo(other!.Unit) is var byUnit && byUnit != 0 ? byUnit : Age.CompareTo(other.Age);
    }
}
