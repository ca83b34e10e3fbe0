using System.Globalization;
using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>
/// The whole story, decided before it begins: which machine stands before which device in which tick, what maintenance books,
/// which lines are down, and what changes when. It is a function of the options and the machines, so that a simulator
/// which was killed draws the same plan again. Nothing outside the simulator may see it.
/// </summary>
internal sealed class FleetPlan
{
    /// <summary>The change comes when v1 has been in the field long enough to be judged, and not at a time to be guessed.</summary>
    private const int EarliestChange = 160;
    private const int LatestChange = 200;

    /// <summary>A bad sensor is told from its machine by what the machine goes on to do: one that is about to end would show nothing.</summary>
    private const int LifeBehindBadSensor = 90;

    /// <summary>And by what it did before: on one that is new an offset looks like the machine's own level.</summary>
    private const int LifeBeforeBadSensor = 40;

    /// <summary>What the device with little memory has room for.</summary>
    private const long SmallModelBudget = 32 * 1024;

    private readonly IReadOnlyList<IReadOnlyList<Stint>> _stints;

    private FleetPlan(FleetOptions options, IMachineSource source)
    {
        (Options, Kind) = (options, source.Kind);

        // Bad lines, bad sensor and small memory are on different devices, so that each is seen by itself.
        var roles = new SeededRandom(options.Seed, "roles").Shuffle(Enumerable.Range(0, options.Devices));
        Devices = [.. Enumerable.Range(0, options.Devices).Select(index => Profile(index, hasLittleMemory: roles.Count > 2 && roles[2] == index))];
        int[] badLines = [roles[0], .. roles.Skip(3).Take(1)];
        Outages = Scenario.Outages.Draw(badLines, options.Ticks, new SeededRandom(options.Seed, "outages"));

        ChangeTick = DrawChangeTick(source);
        _stints = new LifeSchedule(source, Devices, options).Fill(options.Ticks, ChangeTick);
        if (options.Change == Change.OneDevice)
        {
            var before = ChangeTick!.Value - 1;
            int[] candidates = [roles[1], .. roles.Skip(4)];
            var device = candidates.FirstOrDefault(place => At(before, place) is { Stint: { } stint, Age: >= LifeBeforeBadSensor } && stint.LastTick - before >= LifeBehindBadSensor, roles[1]);
            var at = At(before, device);
            Fault = SensorFault.Draw(
                device, before + 1, at.Stint!.Unit, at.Age, source, new SeededRandom(options.Seed, "sensor-fault"));
        }
    }

    public FleetOptions Options { get; }

    public MachineKind Kind { get; }

    public IReadOnlyList<DeviceProfile> Devices { get; }

    public IReadOnlyList<Outage> Outages { get; }

    /// <summary>The first tick of the change; null when there is none.</summary>
    public int? ChangeTick { get; }

    /// <summary>The sensor that goes bad in <see cref="Change.OneDevice"/>; else null.</summary>
    public SensorFault? Fault { get; }

    /// <summary>The last tick in which any machine runs.</summary>
    public int LastTick => _stints.Max(stints => stints is [.., var last] ? last.LastTick : -1);

    /// <exception cref="ScenarioException">There are too few machines, or too few devices for what is to befall them.</exception>
    public static FleetPlan Draw(FleetOptions options, IMachineSource source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Devices, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ticks, 1);
        if (source.Pools.First.Count < options.Devices)
        {
            throw new ScenarioException($"{options.Devices} devices need as many machines to watch and there are {source.Pools.First.Count}; take fewer devices, or the plant simulator");
        }

        if (options.Change == Change.NewFault && source.Pools.Second.Count == 0)
        {
            throw new ScenarioException("--change new-fault needs machines with a new fault mode and the data has none; add second.csv or choose another --change");
        }

        if (options.Change == Change.OneDevice && options.Devices < 3)
        {
            throw new ScenarioException($"--change one-device needs 3 devices or more to tell one from the rest, not {options.Devices}");
        }

        return new FleetPlan(options, source);
    }

    /// <summary>The installations of one device, in order of time.</summary>
    public IReadOnlyList<Stint> StintsOf(int device) => _stints[device];

    /// <summary>What one device sees in a tick.</summary>
    public DeviceTick At(int tick, int device)
    {
        var stint = StintAt(_stints[device], tick);
        var online = !Outages.Any(outage => outage.Device == device && outage.FirstTick <= tick && tick <= outage.LastTick);
        return new DeviceTick(Devices[device], tick, stint, stint?.AgeAt(tick) ?? -1, online);
    }

    /// <summary>What every device sees in a tick, in the order of <see cref="Devices"/>.</summary>
    public IReadOnlyList<DeviceTick> At(int tick) => [.. Devices.Select(place => At(tick, place.Index))];

    /// <summary>What maintenance books at the end of a tick, in the order of <see cref="Devices"/>.</summary>
    public IReadOnlyList<(Stint Stint, MaintenanceNote Note)> BookedAt(int tick) =>
        [.. At(tick).Where(at => at.Stint is not null).SelectMany(at => at.Stint!.Notes.Where(note => note.Tick == tick).Select(note => (at.Stint, note)))];

    /// <summary>The virtual time of a tick's frame.</summary>
    public DateTimeOffset TimeOf(int tick) => Options.Start + (tick * Kind.SampleInterval);

    /// <summary>When a machine was put in, which for one that was running at the start lies before tick 0.</summary>
    public DateTimeOffset InstalledAt(Stint stint) => TimeOf(stint.FirstTick - stint.FirstAge);

    private DeviceProfile Profile(int index, bool hasLittleMemory)
    {
        var number = (index + 1).ToString($"D{Math.Max(2, Options.Devices.ToString(CultureInfo.InvariantCulture).Length)}", CultureInfo.InvariantCulture);
        return new DeviceProfile
        {
            Index = index,
            Device = $"device-{number}",
            Asset = $"{Kind.Name}-{number}",
            ModelBudgetBytes = hasLittleMemory ? SmallModelBudget : null,
        };
    }

    /// <summary>
    /// The change falls between <see cref="EarliestChange"/> and <see cref="LatestChange"/>, but never after the tick in which
    /// the first pool would leave a place empty.
    /// </summary>
    private int? DrawChangeTick(IMachineSource source)
    {
        if (Options.Change == Change.None)
        {
            return null;
        }

        var rehearsal = new LifeSchedule(source, Devices, Options);
        rehearsal.Fill(Math.Min(LatestChange, Options.Ticks), changeTick: null);
        var latest = Math.Min(rehearsal.FirstPoolDryAt ?? LatestChange, Options.Ticks - 1);
        var drawn = new SeededRandom(Options.Seed, "change").Between(Math.Min(EarliestChange, latest), latest);
        return Math.Max(1, drawn);
    }

    private static Stint? StintAt(IReadOnlyList<Stint> stints, int tick)
    {
        for (var i = stints.Count - 1; i >= 0; i--)
        {
            if (stints[i].FirstTick <= tick)
            {
                return tick <= stints[i].LastTick ? stints[i] : null;
            }
        }

        return null;
    }
}

/// <summary>One device in one tick.</summary>
/// <param name="Stint">The installation it watches; null while its place is empty: it has no frame to report then.</param>
/// <param name="Age">The machine's age, which is the number of its frame; -1 while the place is empty.</param>
/// <param name="Online">Whether its line is up.</param>
internal readonly record struct DeviceTick(DeviceProfile Place, int Tick, Stint? Stint, int Age, bool Online);
