using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Sensing;

/// <summary>
/// A machine seen through its configured sensors, each read once a frame. After a restart its age goes on where the machine is by now; where
/// all sensors are recordings, with the next frame of those.
/// </summary>
internal sealed class SampledFeed(AssetOptions options, IReadOnlyList<ISensor> sensors, ResumePoint? resume, StopLength stop, TimeProvider clock) : IMachineFeed
{
    private readonly ChannelSpec[] _channels = [.. sensors.SelectMany(sensor => sensor.Channels)];
    private readonly Dictionary<ISensor, string> _faults = [];
    private readonly float[] _values = new float[sensors.Sum(sensor => sensor.Channels.Count)];
    private int _installation = resume?.Unit.Installation ?? options.Installation;
    private long _age = resume?.Age + 1 ?? 0;
    private bool _resumes = resume is not null && !IsRecorded(sensors);

    public AssetId Asset { get; } = AssetId.Parse(options.Id!);

    public string MachineKind => options.MachineKind;

    public IReadOnlyList<ChannelSpec> Channels => _channels;

    public TimeSpan SampleInterval => options.SampleInterval;

    public bool IsClocked => true;

    public ResumePoint? Beginning => resume is null && !IsRecorded(sensors) ? new(new(Asset, _installation), -1, clock.GetUtcNow() - SampleInterval) : null;

    public IReadOnlyList<SensorFault> Faults =>
        [.. from sensor in sensors where _faults.ContainsKey(sensor) from channel in sensor.Channels select new SensorFault(options.Id!, channel.Name, _faults[sensor])];

    public async ValueTask<MachineFrame?> NextAsync(CancellationToken cancellationToken)
    {
        if (_resumes)
        {
            _age += stop.FramesSince(resume!, SampleInterval);
            _resumes = false;
        }

        var (at, ended, renewed) = (0, 0, false);
        foreach (var sensor in sensors)
        {
            var values = _values.AsMemory(at, sensor.Channels.Count);
            at += sensor.Channels.Count;
            try
            {
                var reading = await sensor.ReadAsync(values, cancellationToken);
                _faults.Remove(sensor);
                renewed |= reading == SensorReading.Renewed;
                if (reading == SensorReading.Ended)
                {
                    ended++;
                    values.Span.Fill(float.NaN);
                }
            }
            catch (SensorException e)
            {
                _faults[sensor] = e.Message;
                values.Span.Fill(float.NaN);
            }
        }

        if (ended == sensors.Count)
        {
            return null;
        }

        if (renewed)
        {
            _installation++;
            _age = 0;
        }

        return new(new(Asset, _installation), _age++, clock.GetUtcNow(), _values);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sensor in sensors)
        {
            await sensor.DisposeAsync();
        }
    }

    private static bool IsRecorded(IReadOnlyList<ISensor> sensors) => sensors.All(sensor => sensor.IsRecording);
}

/// <summary>Opens the sensors that are configured for a machine.</summary>
internal sealed class SampledFeedDriver(IEnumerable<ISensorDriver> drivers, StopLength stop, TimeProvider clock) : IFeedDriver
{
    public const string DriverName = "sampled";

    public string Name => DriverName;

    public IMachineFeed Open(AssetOptions asset, ResumePoint? resume)
    {
        if (asset.Sensors.Count == 0)
        {
            throw new AgentConfigurationException($"The machine '{asset.Id}' has no sensors: set Sensing:Assets:0:Sensors:0:Driver to one of {drivers.Choices(d => d.Name)}.");
        }

        var age = resume?.Age + 1 ?? 0;
        var sensors = asset.Sensors.Select(sensor => drivers.Named(sensor.Driver, d => d.Name, "sensor driver").Open(sensor, age)).ToArray();
        var twice = sensors.SelectMany(s => s.Channels).GroupBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? new SampledFeed(asset, sensors, resume, stop, clock)
            : throw new AgentConfigurationException($"The machine '{asset.Id}' has the channel '{twice.Key}' twice; rename one of them.");
    }
}
