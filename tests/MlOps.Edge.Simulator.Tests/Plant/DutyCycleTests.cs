using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant;

namespace MlOps.Edge.Simulator.Tests.Plant;

public class DutyCycleTests
{
    private static readonly Regime[] Regimes = [new(1000, 50), new(1200, 75), new(1400, 100)];

    [Fact]
    public void A_machine_visits_every_regime_and_stays_for_some_hours()
    {
        var duty = new DutyCycle(Regimes, hours: 1, new SeededRandom(1, "duty"));
        List<(Regime Regime, int Hours)> stays = [];
        for (var hour = 0; hour < 3_000; hour++)
        {
            var regime = duty.Next().Regime;
            if (stays is [.., var last] && last.Regime == regime)
            {
                stays[^1] = (regime, last.Hours + 1);
            }
            else
            {
                stays.Add((regime, 1));
            }
        }

        Assert.All(stays.Skip(1).SkipLast(1), stay => Assert.InRange(stay.Hours, 3, 8));
        Assert.All(Regimes, regime => Assert.InRange(stays.Where(stay => stay.Regime == regime).Sum(stay => stay.Hours), 800, 1_200));
    }

    [Fact]
    public void The_hall_is_warmer_by_day_than_by_night()
    {
        var duty = new DutyCycle(Regimes, hours: 1, new SeededRandom(1, "duty"));
        double[] byHour = [.. Enumerable.Range(0, 24 * 100).Select(_ => duty.Next().Ambient).Chunk(24)
            .SelectMany(day => day.Select((ambient, hour) => (ambient, hour)))
            .GroupBy(reading => reading.hour, reading => reading.ambient)
            .Select(hour => hour.Average())];

        Assert.InRange(byHour.Max() - byHour.Min(), 5, 7);
        Assert.InRange(byHour.Average(), 16, 22);
    }
}
