using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>A run of frames that a device has committed to its outbox: ages first to last, both included.</summary>
internal sealed record ProducedFrames
{
    public required string Device { get; init; }
    public required string Asset { get; init; }
    public required int Installation { get; init; }
    public required string Unit { get; init; }
    public required int FirstAge { get; init; }
    public required int LastAge { get; init; }
}

/// <summary>
/// What was produced, in truth, for whoever wants to count what was stored without asking those who stored it. JSON lines of
/// <see cref="ProducedFrames"/>, appended; runs may overlap after a crash, a reader counts a frame once. Not thread-safe.
/// </summary>
internal sealed class TruthLedger(TextWriter lines)
{
    private readonly SortedDictionary<string, ProducedFrames> _open = new(StringComparer.Ordinal);

    /// <summary>To be called when the device's agent has committed the frame, not before: a frame lost in a crash was never produced.</summary>
    public void Commit(in DeviceTick at)
    {
        var stint = at.Stint ?? throw new ArgumentException($"device {at.Place.Device} has no machine in tick {at.Tick}", nameof(at));
        var device = at.Place.Device;
        if (_open.TryGetValue(device, out var run))
        {
            if (run.Installation == stint.Installation && run.LastAge + 1 == at.Age)
            {
                _open[device] = run with { LastAge = at.Age };
                return;
            }

            Write(run);
        }

        _open[device] = new ProducedFrames
        {
            Device = device,
            Asset = at.Place.Asset,
            Installation = stint.Installation,
            Unit = stint.Unit,
            FirstAge = at.Age,
            LastAge = at.Age,
        };
    }

    /// <summary>Writes what is still open.</summary>
    public void Flush()
    {
        foreach (var run in _open.Values)
        {
            Write(run);
        }

        _open.Clear();
        lines.Flush();
    }

    /// <summary>The runs of a ledger, overlaps merged, ordered by device, installation and age.</summary>
    /// <exception cref="JsonException">A line is not a run.</exception>
    public static IReadOnlyList<ProducedFrames> Read(TextReader lines)
    {
        List<ProducedFrames> runs = [];
        while (lines.ReadLine() is { } line)
        {
            runs.Add(JsonSerializer.Deserialize(line, LedgerJson.Default.ProducedFrames)
                ?? throw new JsonException("a line of the ledger is null"));
        }

        List<ProducedFrames> merged = [];
        foreach (var run in runs.OrderBy(run => run.Device, StringComparer.Ordinal).ThenBy(run => run.Installation).ThenBy(run => run.FirstAge))
        {
            if (merged is [.., var last] && last.Device == run.Device && last.Installation == run.Installation && run.FirstAge <= last.LastAge + 1)
            {
                merged[^1] = last with { LastAge = Math.Max(last.LastAge, run.LastAge) };
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }

    private void Write(ProducedFrames run) => lines.WriteLine(JsonSerializer.Serialize(run, LedgerJson.Default.ProducedFrames));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProducedFrames))]
internal sealed partial class LedgerJson : JsonSerializerContext;
