namespace MlOps.Edge.Agent.Sensing;

/// <summary>The machines that this device watches.</summary>
internal sealed class SensingOptions
{
    public List<AssetOptions> Assets { get; set; } = [];

    /// <summary>The longest time without the agent that is believed of the device's clock when the ages of frames go on. Default: 90 days.</summary>
    public TimeSpan LongestStop { get; set; } = TimeSpan.FromDays(90);
}

/// <summary>One machine.</summary>
internal sealed class AssetOptions
{
    /// <summary>The machine's id. Default: the device id.</summary>
    public string? Id { get; set; }

    /// <summary>What kind of machine it is; a model judges one kind.</summary>
    public string MachineKind { get; set; } = "";

    /// <summary>Who yields the frames. Default: <c>sampled</c>, the sensors below.</summary>
    public string Driver { get; set; } = SampledFeedDriver.DriverName;

    /// <summary>The installation to begin with at the first start. Default: 0.</summary>
    public int Installation { get; set; }

    /// <summary>The time between two frames. Default: 1 second.</summary>
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait between two frames, where a recording is played faster than it was taken. Default: <see cref="SampleInterval"/>.</summary>
    public TimeSpan? Pace { get; set; }

    /// <summary>The sensors of a <c>sampled</c> machine.</summary>
    public List<SensorOptions> Sensors { get; set; } = [];

    /// <summary>What the driver asks for.</summary>
    public Dictionary<string, string> Settings { get; set; } = [];
}

/// <summary>One sensor of a sampled machine.</summary>
internal sealed class SensorOptions
{
    /// <summary>Default: <c>replay</c>, a CSV recording.</summary>
    public string Driver { get; set; } = ReplaySensorDriver.DriverName;

    /// <summary>What the driver asks for; <c>replay</c>: <c>File</c>, <c>Loop</c> (default true).</summary>
    public Dictionary<string, string> Settings { get; set; } = [];
}
