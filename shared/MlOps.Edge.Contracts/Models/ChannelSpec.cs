namespace MlOps.Edge.Contracts.Models;

/// <summary>One column of a window: a raw sensor value in its physical unit.</summary>
/// <param name="Name">Unique within a machine kind, e.g. <c>vibration_rms</c>.</param>
/// <param name="Unit">UCUM code, e.g. <c>mm/s</c>; <c>1</c> where there is none.</param>
/// <param name="Role">What the channel says: a setting is imposed on the machine, a sensor is its answer.</param>
public sealed record ChannelSpec(string Name, string Unit, ChannelRole Role = ChannelRole.Sensor);

/// <summary>Settings define the operating regime; sensors are what wears with the machine.</summary>
public enum ChannelRole { Sensor = 0, Setting = 1 }
