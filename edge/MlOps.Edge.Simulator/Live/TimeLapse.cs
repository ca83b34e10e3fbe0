using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Live;

/// <summary>
/// Machines that live faster than real ones: what takes a machine an hour takes the clock one pace. By every clock in the house,
/// the devices' and the cloud's, the sample interval then is the pace, and soaks, deadlines and silences are as many paces long.
/// </summary>
internal sealed class TimeLapse(IMachineSource machines, TimeSpan pace) : IMachineSource
{
    public MachineKind Kind { get; } = machines.Kind with { SampleInterval = pace };

    public UnitPools Pools => machines.Pools;

    public int LifeOf(string unit) => machines.LifeOf(unit);

    public IMachine Create(string unit) => machines.Create(unit);
}
