using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Sensing;

/// <summary>One sensor: a few channels that are read together. A file, a bus, a pin.</summary>
internal interface ISensor : IAsyncDisposable
{
    /// <summary>For messages, e.g. <c>replay pump.csv</c>.</summary>
    string Name { get; }

    IReadOnlyList<ChannelSpec> Channels { get; }

    /// <summary>Whether it reads after a restart what it would have read without one: a recording. Of anything else the time goes on meanwhile.</summary>
    bool IsRecording => false;

    /// <summary>Reads every channel once.</summary>
    /// <param name="values">One value per channel, in the channels' units; NaN where there is none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SensorException">The bus failed. The frame goes on without this sensor's values.</exception>
    ValueTask<SensorReading> ReadAsync(Memory<float> values, CancellationToken cancellationToken);
}

internal enum SensorReading
{
    /// <summary>The next values of the same machine.</summary>
    Read,

    /// <summary>The first values of another machine in the same place, e.g. a recording that began again.</summary>
    Renewed,

    /// <summary>Nothing was read, and nothing more will come.</summary>
    Ended,
}

internal sealed class SensorException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Opens sensors of one sort; chosen by name in <see cref="SensorOptions.Driver"/>.</summary>
internal interface ISensorDriver
{
    string Name { get; }

    /// <param name="sensor">The configured sensor.</param>
    /// <param name="age">Age of the first frame that will be asked for, in sample intervals.</param>
    /// <exception cref="AgentConfigurationException">The settings or files do not do; the message names the way out.</exception>
    ISensor Open(SensorOptions sensor, long age);
}
