using System.Globalization;
using System.Text.RegularExpressions;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Sensing;

/// <summary>
/// A recording played back: CSV, one header line <c>channel[unit],…</c>, then a line per frame. An empty field is a
/// missing value. At the end it begins again as another installation, unless told to stop.
/// </summary>
internal sealed class ReplaySensor(string file, IReadOnlyList<ChannelSpec> channels, IReadOnlyList<float[]> rows, long age, bool loop) : ISensor
{
    // A recording that was left in the middle goes on there; one that was left beyond its end begins again.
    private int _next = age < rows.Count ? (int)age : rows.Count;

    public string Name => $"replay {Path.GetFileName(file)}";

    public IReadOnlyList<ChannelSpec> Channels => channels;

    public bool IsRecording => true;

    public ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var reading = SensorReading.Read;
        if (_next == rows.Count)
        {
            if (!loop)
            {
                return new(SensorReading.Ended);
            }

            _next = 0;
            reading = SensorReading.Renewed;
        }

        rows[_next++].CopyTo(values);
        return new(reading);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Reads CSV recordings.</summary>
internal sealed partial class ReplaySensorDriver : ISensorDriver
{
    public const string DriverName = "replay";

    public string Name => DriverName;

    public ISensor Open(SensorOptions sensor, long age)
    {
        if (!sensor.Settings.TryGetValue("File", out var file))
        {
            throw new AgentConfigurationException("A replay sensor needs Settings:File, a CSV whose header is channel[unit],…");
        }

        var loop = !sensor.Settings.TryGetValue("Loop", out var text) || (bool.TryParse(text, out var value)
            ? value
            : throw new AgentConfigurationException($"Settings:Loop of a replay sensor is true or false, not '{text}'."));
        file = Path.IsPathRooted(file) || File.Exists(file) ? file : Path.Combine(AppContext.BaseDirectory, file);
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AgentConfigurationException.Unreadable($"The recording '{file}'", e);
        }

        if (lines.Length < 2)
        {
            throw new AgentConfigurationException($"The recording '{file}' has no frames: a header channel[unit],… and at least one line are needed.");
        }

        ChannelSpec[] channels = [.. lines[0].Split(',').Select(column => Channel(file, column))];
        float[][] rows = [.. lines.Skip(1).Select((line, i) => Row(file, line, i + 2, channels.Length))];
        return new ReplaySensor(file, channels, rows, age, loop);
    }

    private static ChannelSpec Channel(string file, string column) => ChannelPattern().Match(column.Trim()) is { Success: true } match
        ? new(match.Groups[1].Value, match.Groups[2].Value)
        : throw new AgentConfigurationException($"The recording '{file}' has the column '{column.Trim()}'; write channel[unit], e.g. vibration_rms[mm/s], and [1] where there is no unit.");

    private static float[] Row(string file, string line, int number, int channels)
    {
        var fields = line.Split(',');
        if (fields.Length != channels)
        {
            throw new AgentConfigurationException($"'{file}', line {number}: {fields.Length} values for {channels} channels.");
        }

        return [.. fields.Select(field => string.IsNullOrWhiteSpace(field) ? float.NaN
            : float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
            : throw new AgentConfigurationException($"'{file}', line {number}: '{field}' is not a number."))];
    }

    [GeneratedRegex(@"^([^\[\]\s]+)\[([^\[\]]+)\]$")]
    private static partial Regex ChannelPattern();
}
