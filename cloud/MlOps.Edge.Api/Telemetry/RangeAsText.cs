using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Api.Telemetry;

/// <summary>Writes the answer to a question about a span page by page: as one document, as a line for each row, or as CSV.</summary>
internal static class RangeAsText
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteJsonAsync(Stream to, RangePlan plan, IAsyncEnumerable<TelemetryPage> pages, IReadOnlyList<StoredGap> gaps, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(to, Json);
        json.WriteStartObject();
        json.WriteString("from", PageJson.Time(plan.From.ToUnixTimeMilliseconds()));
        json.WriteString("to", PageJson.Time(plan.To.ToUnixTimeMilliseconds()));
        json.WriteString("resolution", Text.Word(plan.Resolution));
        PageJson.WriteChannels(json, plan.Channels);
        json.WriteStartArray("pages");
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            json.WriteStartObject();
            PageJson.WriteColumns(json, page, plan.Channels);
            json.WriteEndObject();
            await json.FlushAsync(cancellationToken);
        }

        json.WriteEndArray();
        json.WritePropertyName("gaps");

        // Not straight to the writer: the serialiser would flush it without waiting, which a response does not allow.
        JsonSerializer.SerializeToElement(gaps.Select(GapResponse.From).ToArray(), options).WriteTo(json);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    public static async Task WriteLinesAsync(Stream to, RangePlan plan, IAsyncEnumerable<TelemetryPage> pages, CancellationToken cancellationToken)
    {
        using var lines = new MemoryStream();
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            for (var row = 0; row < page.Times.Count; row++)
            {
                using (var json = new Utf8JsonWriter(lines, Json))
                {
                    PageJson.WriteRow(json, page, row, plan.Channels);
                }

                lines.WriteByte((byte)'\n');
            }

            await to.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellationToken);
            lines.SetLength(0);
        }
    }

    /// <summary>RFC 4180 with line feeds; a missing value is an empty field.</summary>
    public static async Task WriteCsvAsync(Stream to, RangePlan plan, IAsyncEnumerable<TelemetryPage> pages, CancellationToken cancellationToken)
    {
        string[] figures = plan.Resolution == Resolution.Raw ? [""] : [".mean", ".least", ".greatest"];
        string[] head = ["time", "device", "asset", "installation", plan.Resolution == Resolution.Raw ? "frame" : "count"];
        var text = new StringBuilder().AppendJoin(',', head.Concat(figures.SelectMany(f => plan.Channels.Select(c => Quoted(c.Name + f))))).Append('\n');
        await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
        await foreach (var page in pages.WithCancellation(cancellationToken))
        {
            text.Clear();
            var columns = PageJson.Figures(page).SelectMany(f => f.Columns).ToArray();
            for (var row = 0; row < page.Times.Count; row++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{PageJson.Time(page.Times[row])},{page.Device},{page.Unit.Asset},{page.Unit.Installation},{page.Frames?[row] ?? page.Intervals!.Frames[row]}");
                foreach (var column in columns)
                {
                    text.Append(',');
                    if (!float.IsNaN(column[row]))
                    {
                        text.Append(CultureInfo.InvariantCulture, $"{column[row]:R}");
                    }
                }

                text.Append('\n');
            }

            await to.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
        }
    }

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"")}\"";
}
