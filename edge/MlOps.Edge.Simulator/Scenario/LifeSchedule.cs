using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>Who stands where and when: places are filled from the pools, one tick after they have become free.</summary>
/// <param name="source">The machines.</param>
/// <param name="places">The fleet.</param>
/// <param name="options">Seed, length, and what befalls the fleet.</param>
internal sealed class LifeSchedule(IMachineSource source, IReadOnlyList<DeviceProfile> places, FleetOptions options)
{
    // A fleet is not installed in one day: at tick 0 each machine has up to this share of its life behind it.
    private const double LargestStagger = 0.75;

    private readonly List<Stint>[] _stints = [.. places.Select(_ => new List<Stint>())];
    private int _firstUsed;
    private int _secondUsed;

    /// <summary>The first tick in which a place needed a machine of the first pool and there was none; null: it sufficed.</summary>
    public int? FirstPoolDryAt { get; private set; }

    /// <summary>Stints per device, in order of time.</summary>
    /// <param name="ticks">How far to fill.</param>
    /// <param name="changeTick">When what <see cref="FleetOptions.Change"/> says begins; null: never.</param>
    public IReadOnlyList<IReadOnlyList<Stint>> Fill(int ticks, int? changeTick)
    {
        for (var tick = 0; tick < ticks; tick++)
        {
            foreach (var place in places)
            {
                var isFree = _stints[place.Index] is not [.., var current] || current.LastTick < tick;
                if (isFree && NextUnit(tick, changeTick) is { } unit)
                {
                    _stints[place.Index].Add(Install(place, unit, tick, changeTick));
                }
            }
        }

        return _stints;
    }

    private string? NextUnit(int tick, int? changeTick)
    {
        var changed = changeTick <= tick;
        if (changed && options.Change == Change.NewFault)
        {
            return NextSecond();
        }

        if (_firstUsed < source.Pools.First.Count)
        {
            return source.Pools.First[_firstUsed++];
        }

        FirstPoolDryAt ??= tick;

        // Wrong bookings use machines up fast; the floor goes on with what is in store. Otherwise a place stays empty.
        return changed && options.Change == Change.BadRetrain ? NextSecond() : null;
    }

    private string? NextSecond() => _secondUsed < source.Pools.Second.Count ? source.Pools.Second[_secondUsed++] : null;

    private Stint Install(DeviceProfile place, string unit, int tick, int? changeTick)
    {
        var installation = _stints[place.Index].Count + 1;
        var random = new SeededRandom(options.Seed, $"stint/{place.Asset}#{installation}");
        var life = source.LifeOf(unit);
        var age = tick == 0 ? (int)(life * random.Between(0, LargestStagger)) : 0;
        var wrongFrom = options.Change == Change.BadRetrain ? changeTick : null;
        return new Maintenance(life, random).Plan(place, installation, unit, tick, age, wrongFrom, options.Ticks - 1);
    }
}
