using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>
/// The frames of one device, tick by tick: the plan says which machine, the machine says what, the device's bad sensor has the
/// last word. Any tick may be asked for; going on to the next one is cheap, a jump builds the machine anew.
/// Not thread-safe; one feed a device.
/// </summary>
internal sealed class DeviceFeed(FleetPlan plan, IMachineSource source, int device)
{
    private Stint? _stint;
    private IMachine? _machine;

    /// <summary>Writes the frame of a tick; false, and nothing written, while the place is empty.</summary>
    public bool TryRead(int tick, Span<float> frame)
    {
        var at = plan.At(tick, device);
        if (at.Stint is null)
        {
            return false;
        }

        if (_machine is null || !ReferenceEquals(_stint, at.Stint) || _machine.Age != at.Age)
        {
            (_stint, _machine) = (at.Stint, source.CreateAt(at.Stint.Unit, at.Age));
        }

        if (!_machine.TryNext(frame))
        {
            throw new InvalidOperationException($"the plan lets unit {at.Stint.Unit} live on at age {at.Age}, where its life is over");
        }

        if (plan.Fault is { } fault && fault.Device == device)
        {
            fault.Apply(tick, frame);
        }

        return true;
    }
}
