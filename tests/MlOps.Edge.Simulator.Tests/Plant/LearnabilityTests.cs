using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Plant;

namespace MlOps.Edge.Simulator.Tests.Plant;

/// <summary>
/// What the plant simulator is for: its lives can be learned, and what was learned of one fault mode is wrong for the other.
/// The learner is the plainest there is, the mean of the nearest neighbours, so that the test is about the machines.
/// </summary>
public class LearnabilityTests
{
    private const int Neighbours = 12;

    private static readonly long[] Seeds = [1, 2, 3];

    public static MatrixTheoryData<string, long> Runs => new(PlantKind.ByName.Keys, Seeds);

    [Theory, MemberData(nameof(Runs))]
    public void A_model_of_the_first_fault_mode_is_good_at_it_and_wrong_on_the_second_until_it_has_seen_it(string kind, long seed)
    {
        var plant = Lives.Source(kind, seed);
        var windows = new Windows(plant, [.. plant.Pools.History.Take(48)]);
        var history = windows.Of(plant.Pools.History.Take(48), every: 4);
        var field = windows.Of(plant.Pools.Second.Take(20), every: 4);
        var (first, second) = (windows.Of(plant.Pools.First.Take(15), every: 9), windows.Of(plant.Pools.Second.Skip(20).Take(15), every: 9));

        var onFirst = Error(history, first);
        var (before, after) = (Error(history, second), Error([.. history, .. field], second));

        Assert.InRange(onFirst, 2, 16);
        Assert.True(after < 0.6 * before, $"v1 {before:0.0}, v2 {after:0.0}");
        Assert.InRange(Error([.. history, .. field], first), 2, 17);
    }

    private static double Error(IReadOnlyList<Window> known, IReadOnlyList<Window> asked) =>
        Math.Sqrt(asked.Average(window => Math.Pow(Predict(known, window) - window.Rul, 2)));

    private static double Predict(IReadOnlyList<Window> known, Window asked) =>
        known.Select(window => (Distance: Distance(window.Features, asked.Features), window.Rul)).OrderBy(near => near.Distance).Take(Neighbours).Average(near => near.Rul);

    private static double Distance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }

    private sealed record Window(double[] Features, double Rul);

    /// <summary>The means of the last 10 and the last 40 frames, each value in deviations from its regime's mean.</summary>
    private sealed class Windows
    {
        private readonly PlantSource _plant;
        private readonly int[] _sensors;
        private readonly Dictionary<float, (double Mean, double Deviation)[]> _regimes;

        public Windows(PlantSource plant, IReadOnlyList<string> reference)
        {
            _plant = plant;
            _sensors = [.. Enumerable.Range(0, plant.Kind.Channels.Count).Where(c => plant.Kind.Channels[c].Role == ChannelRole.Sensor)];
            _regimes = reference.SelectMany(unit => Lives.Read(plant, unit)).GroupBy(frame => frame[0]).ToDictionary(
                regime => regime.Key,
                regime => _sensors.Select(channel => Moments([.. regime.Select(frame => (double)frame[channel]).Where(double.IsFinite)])).ToArray());
        }

        public IReadOnlyList<Window> Of(IEnumerable<string> units, int every) => [.. units.SelectMany(unit =>
        {
            double[][] life = [.. Lives.Read(_plant, unit).Select(Normalise)];
            return Enumerable.Range(0, life.Length).Where(age => age % every == 0).Select(age => new Window(
                [.. Mean(life, age, 10), .. Mean(life, age, _plant.Kind.Window)], Math.Min(life.Length - 1 - age, _plant.Kind.RulCap)));
        })];

        private double[] Normalise(float[] frame) => [.. _sensors.Select((channel, i) =>
        {
            var (mean, deviation) = _regimes[frame[0]][i];
            return float.IsNaN(frame[channel]) ? 0 : Math.Clamp((frame[channel] - mean) / deviation, -4, 4);
        })];

        private IEnumerable<double> Mean(double[][] life, int age, int length)
        {
            var window = life[Math.Max(0, age - length + 1)..(age + 1)];
            return Enumerable.Range(0, _sensors.Length).Select(i => window.Average(frame => frame[i]));
        }

        private static (double, double) Moments(double[] values)
        {
            var mean = values.Average();
            return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
        }
    }
}
