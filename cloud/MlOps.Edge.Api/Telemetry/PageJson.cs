using System.Globalization;
using System.Text.Json;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Api.Telemetry;

/// <summary>Pages of readings as JSON: by columns, or a row at a time. A missing value is null; infinite ones, which JSON has no number for, are words.</summary>
internal static class PageJson
{
    public static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static void WriteChannels(Utf8JsonWriter json, IReadOnlyList<QueryChannel> channels)
    {
        json.WriteStartArray("channels");
        foreach (var channel in channels)
        {
            json.WriteStartObject();
            json.WriteString("name", channel.Name);
            json.WriteString("unit", channel.Unit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The members of one object: the unit, an array of times, and an array for each channel.</summary>
    public static void WriteColumns(Utf8JsonWriter json, TelemetryPage page, IReadOnlyList<QueryChannel> channels)
    {
        WriteUnit(json, page);
        json.WriteString("machineKind", page.MachineKind);
        json.WriteStartArray("times");
        foreach (var ms in page.Times)
        {
            json.WriteStringValue(Time(ms));
        }

        json.WriteEndArray();
        WriteNumbers(json, "frames", page.Frames);
        WriteNumbers(json, "counts", page.Intervals?.Frames);
        foreach (var (name, columns) in Figures(page))
        {
            json.WriteStartObject(name);
            for (var c = 0; c < channels.Count; c++)
            {
                json.WriteStartArray(channels[c].Name);
                foreach (var value in columns[c])
                {
                    WriteValue(json, value);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }
    }

    public static void WriteRow(Utf8JsonWriter json, TelemetryPage page, int row, IReadOnlyList<QueryChannel> channels)
    {
        json.WriteStartObject();
        json.WriteString("time", Time(page.Times[row]));
        WriteUnit(json, page);
        if (page.Frames is { } frames)
        {
            json.WriteNumber("frame", frames[row]);
        }
        else
        {
            json.WriteNumber("count", page.Intervals!.Frames[row]);
        }

        foreach (var (name, columns) in Figures(page))
        {
            json.WriteStartObject(name);
            for (var c = 0; c < channels.Count; c++)
            {
                json.WritePropertyName(channels[c].Name);
                WriteValue(json, columns[c][row]);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>What is said of each channel.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<float[]> Columns)> Figures(TelemetryPage page) => page.Intervals is { } intervals
        ? [("mean", page.Values), ("least", intervals.Least), ("greatest", intervals.Greatest)]
        : [("values", page.Values)];

    private static void WriteUnit(Utf8JsonWriter json, TelemetryPage page)
    {
        json.WriteString("device", page.Device.ToString());
        json.WriteString("asset", page.Unit.Asset.ToString());
        json.WriteNumber("installation", page.Unit.Installation);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<long>? numbers)
    {
        if (numbers is null)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else if (float.IsNaN(value))
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
        }
    }
}
