using MlOps.Edge.Simulator.Machines;

namespace MlOps.Edge.Simulator.Scenario;

/// <summary>How a machine's time in a place will go, drawn when it is put there.</summary>
/// <param name="life">Frames that it has in it.</param>
/// <param name="random">Its own stream, so that one machine's fate does not move another's.</param>
internal sealed class Maintenance(int life, SeededRandom random)
{
    private const double ScheduledShare = 0.06;
    private const int InspectionEvery = 50;
    private const double InspectionChance = 0.3;

    // Wrong bookings do not all come on one day: those who make them go from place to place.
    private const int RoundOfWrongBookings = 30;

    private readonly int? _scheduledAge = random.Chance(ScheduledShare) ? (int)(life * random.Between(0.7, 0.95)) : null;
    private readonly int _wrongAge = (int)(life * random.Between(0.3, 0.7));
    private readonly int _wrongDelay = random.Between(0, RoundOfWrongBookings);

    /// <param name="wrongFrom">The tick from which sound machines are booked as failed; null: never.</param>
    /// <param name="lastTick">The last tick of the story.</param>
    public Stint Plan(DeviceProfile place, int installation, string unit, int firstTick, int firstAge, int? wrongFrom, int lastTick)
    {
        int TickOf(int age) => firstTick + age - firstAge;

        var (end, how) = (TickOf(life - 1), StintEnd.Failed);
        if (_scheduledAge is { } scheduled && scheduled > firstAge)
        {
            (end, how) = (TickOf(scheduled), StintEnd.ReplacedOnSchedule);
        }

        if (wrongFrom is { } from && Math.Max(TickOf(_wrongAge), from + _wrongDelay) is var wrong && wrong >= firstTick && wrong < end)
        {
            (end, how) = (wrong, StintEnd.TakenOutWrongly);
        }

        if (end > lastTick)
        {
            (end, how) = (lastTick, StintEnd.Running);
        }

        var notes = Inspections(firstAge, firstAge + end - firstTick).Select(age => new MaintenanceNote(TickOf(age), age, MaintenanceKind.Inspected)).ToList();
        if (how != StintEnd.Running)
        {
            var booked = how == StintEnd.ReplacedOnSchedule ? MaintenanceKind.ReplacedOnSchedule : MaintenanceKind.Failure;
            notes.Add(new MaintenanceNote(end, firstAge + end - firstTick, booked));
        }

        return new Stint
        {
            Place = place,
            Installation = installation,
            Unit = unit,
            FirstTick = firstTick,
            FirstAge = firstAge,
            LastTick = end,
            End = how,
            Notes = notes,
        };
    }

    private IEnumerable<int> Inspections(int firstAge, int lastAge)
    {
        for (var age = InspectionEvery; age < lastAge; age += InspectionEvery)
        {
            if (random.Chance(InspectionChance) && age > firstAge)
            {
                yield return age;
            }
        }
    }
}
