using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli.Commands;

internal static class TelemetryTail
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(MlOpsCli cli)
    {
        var units = new UnitOptions();
        var limit = new Option<long?>("--limit") { Description = "End after so many frames. Default: when it is interrupted.", HelpName = "count" };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count < 1)
            {
                result.AddError($"--limit is 1 or more, not '{text}'.");
            }
        });
        var verb = new Verb(
            "tail", "New readings as they are stored, a line for each frame", "mlops telemetry tail pump-07 --channels vibration_rms,speed", "mlops telemetry tail --group hall-2 -o json") { limit };
        units.AddTo(verb);
        verb.SetAction(async (parsed, cancellationToken) =>
        {
            using var cloud = cli.Connect(parsed);
            var left = parsed.GetValue(limit) ?? long.MaxValue;
            try
            {
                await foreach (var (kind, data) in EventsAsync(cloud.ReadLinesAsync("telemetry/live".WithQuery(units.Query(parsed)), cancellationToken)))
                {
                    switch (kind)
                    {
                        case "open":
                            await cli.Progress.WriteLineAsync("Following new readings; Ctrl+C ends it.");
                            break;
                        case "missed":
                            await cli.Progress.WriteLineAsync($"{data.GetProperty("frames")} frames were skipped: they came faster than they were read here.");
                            break;
                        case "readings":
                            left -= await PrintAsync(cli.Output, data, left, parsed.GetValue(Options.Output) == OutputFormat.Json);
                            break;
                    }

                    if (left <= 0)
                    {
                        return ExitCode.Ok;
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCode.Ok;
            }

            throw new CliException(ExitCode.Failure, "the cloud has ended the feed; it is stopping, perhaps.");
        });
        return verb;
    }

    // https://html.spec.whatwg.org/multipage/server-sent-events.html; this feed's events have one line of data each.
    private static async IAsyncEnumerable<(string Kind, JsonElement Data)> EventsAsync(IAsyncEnumerable<string> lines)
    {
        var kind = "message";
        await foreach (var line in lines)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line["event: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return (kind, JsonElement.Parse(line["data: ".Length..]));
            }
        }
    }

    /// <returns>How many lines were printed.</returns>
    private static async Task<long> PrintAsync(TextWriter output, JsonElement page, long most, bool json)
    {
        var count = Math.Min(most, page.GetProperty("times").GetArrayLength());
        for (var row = 0; row < count; row++)
        {
            await output.WriteLineAsync(json ? Json(page, row) : Line(page, row));
        }

        await output.FlushAsync();
        return count;
    }

    private static string Line(JsonElement page, int row)
    {
        var values = page.GetProperty("channels").EnumerateArray().Select(channel =>
        {
            var (name, unit, value) = (channel.GetProperty("name").GetString()!, channel.GetProperty("unit").GetString()!, page.GetProperty("values").GetProperty(channel.GetProperty("name").GetString()!)[row]);
            return $"{name} {(value.ValueKind == JsonValueKind.Null ? Show.Nothing : value.ToString())}{(unit is "" or "1" ? "" : $" {unit}")}";
        });
        return $"{Show.Moment(page.GetProperty("times")[row].GetDateTimeOffset())}  {page.GetProperty("asset")}#{page.GetProperty("installation")}  {page.GetProperty("frames")[row]}  {string.Join("  ", values)}";
    }

    /// <summary>The line that the API has for a frame in NDJSON.</summary>
    private static string Json(JsonElement page, int row)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Readable))
        {
            void Copy(string name, JsonElement value)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteStartObject();
            Copy("time", page.GetProperty("times")[row]);
            Copy("device", page.GetProperty("device"));
            Copy("asset", page.GetProperty("asset"));
            Copy("installation", page.GetProperty("installation"));
            Copy("frame", page.GetProperty("frames")[row]);
            json.WriteStartObject("values");
            foreach (var column in page.GetProperty("values").EnumerateObject())
            {
                Copy(column.Name, column.Value[row]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(line.ToArray());
    }
}
