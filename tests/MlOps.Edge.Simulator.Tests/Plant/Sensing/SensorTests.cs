using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Plant.Sensing;

namespace MlOps.Edge.Simulator.Tests.Plant.Sensing;

public class SensorTests
{
    private static readonly SensorSpec Spec = new("pressure", "bar") { Noise = 0.5, Memory = 0.6, Resolution = 0.001 };

    [Fact]
    public void Noise_has_the_deviation_and_the_memory_of_its_specification()
    {
        var readings = Read(Spec, SensorHealth.Perfect, _ => 10);
        double[] noise = [.. readings.Select(reading => reading - 10.0)];

        Assert.InRange(Math.Sqrt(noise.Average(x => x * x)), 0.47, 0.53);
        Assert.InRange(noise.Zip(noise.Skip(1), (a, b) => a * b).Average() / noise.Average(x => x * x), 0.56, 0.64);
    }

    [Fact]
    public void A_gain_error_is_the_sensors_own_and_stays()
    {
        var spec = Spec with { Noise = 0, GainSpread = 0.05 };
        var gains = Enumerable.Range(0, 200).Select(serial =>
        {
            var sensor = new Sensor(spec, SensorHealth.Perfect, new SeededRandom(serial, "gain"));
            Assert.Equal(sensor.Read(100), sensor.Read(100));
            return (double)sensor.Read(100);
        }).ToArray();

        Assert.InRange(Math.Sqrt(gains.Average(gain => (gain - 100) * (gain - 100))), 4, 6);
    }

    [Fact]
    public void A_sensor_that_sticks_says_the_same_for_3_to_8_frames_more()
    {
        var readings = Read(Spec, SensorHealth.Perfect with { Sticks = 0.01 }, frame => 10 * frame);
        var repeats = RunsOfEqual(readings).Where(length => length > 1).ToArray();

        Assert.InRange(repeats.Length, 100, 300);
        Assert.All(repeats, length => Assert.InRange(length, 4, 9));
    }

    [Fact]
    public void A_spike_is_far_off_and_alone()
    {
        var readings = Read(Spec with { Memory = 0 }, SensorHealth.Perfect with { Spike = 0.005 }, _ => 10);
        int[] spikes = [.. Enumerable.Range(0, readings.Length).Where(frame => readings[frame] > 13)];

        Assert.InRange(spikes.Length, 60, 140);
        Assert.True(spikes.Zip(spikes.Skip(1), (a, b) => b - a).Count(gap => gap == 1) < 6);
    }

    [Fact]
    public void A_fault_does_not_move_what_comes_after_it()
    {
        var well = Read(Spec, SensorHealth.Perfect, _ => 10);
        var gaps = Read(Spec, SensorHealth.Perfect with { Missing = 0.1 }, _ => 10);

        Assert.InRange(gaps.Count(float.IsNaN), 1_500, 2_500);
        Assert.All(well.Zip(gaps), pair => Assert.True(float.IsNaN(pair.Second) || pair.First == pair.Second));
    }

    private static float[] Read(SensorSpec spec, SensorHealth health, Func<int, double> truth)
    {
        var sensor = new Sensor(spec, health, new SeededRandom(1, "sensor"));
        return [.. Enumerable.Range(0, 20_000).Select(frame => sensor.Read(truth(frame)))];
    }

    private static IEnumerable<int> RunsOfEqual(float[] readings)
    {
        var length = 1;
        for (var i = 1; i < readings.Length; i++)
        {
            if (readings[i] == readings[i - 1])
            {
                length++;
            }
            else
            {
                yield return length;
                length = 1;
            }
        }
    }
}
