using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Trainers;

namespace MlOps.Edge.Cloud.Tests.Training.Trainers;

/// <summary>What every registered trainer must do; one that is added to the registration is tested without being named here.</summary>
public sealed class TrainerContract
{
    private static readonly BoostingOptions s_options = new() { Trees = 60, RowsPerLeaf = 10 };

    public static TheoryData<string> Names => [.. Registered().Select(trainer => trainer.Name)];

    [Theory, MemberData(nameof(Names))]
    public void It_learns_a_function_of_its_features(string name)
    {
        FeatureTable table = Table(rows: 2000, seed: 1), unseen = Table(rows: 500, seed: 2);
        using ITrainedTrees trained = Find(name).Train(table, s_options, seed: 1, TestContext.Current.CancellationToken);

        double error = Error(trained.Predict(unseen.Features, unseen.Columns), unseen.Targets);

        Assert.InRange(error, 0, 3);
    }

    [Theory, MemberData(nameof(Names))]
    public void Its_trees_are_its_predictions(string name)
    {
        FeatureTable table = Table(rows: 1000, seed: 3);
        using ITrainedTrees trained = Find(name).Train(table, s_options, seed: 1, TestContext.Current.CancellationToken);
        double[] own = trained.Predict(table.Features, table.Columns);

        Assert.All(own.Index(), answer => Assert.Equal(
            answer.Item, trained.Trees.Evaluate(table.Features.AsSpan(answer.Index * table.Columns, table.Columns)), 1e-9));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_same_seed_grows_the_same_trees(string name)
    {
        FeatureTable table = Table(rows: 1000, seed: 4);
        double[] Run(int seed)
        {
            using ITrainedTrees trained = Find(name).Train(table, s_options, seed, TestContext.Current.CancellationToken);
            return trained.Predict(table.Features, table.Columns);
        }

        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));
    }

    [Theory, MemberData(nameof(Names))]
    public void Heavier_rows_pull_the_answer(string name)
    {
        float[] features = [.. Enumerable.Repeat(1f, 200)], targets = [.. Enumerable.Range(0, 200).Select(row => row % 2 == 0 ? 0f : 10f)];
        float[] weights = [.. Enumerable.Range(0, 200).Select(row => row % 2 == 0 ? 3f : 1f)];
        using ITrainedTrees trained = Find(name).Train(new(features, 1, targets, weights), s_options with { RowFraction = 1 }, 1, TestContext.Current.CancellationToken);

        Assert.Equal(2.5, trained.Predict([1f], 1)[0], 0.2);
    }

    [Theory, MemberData(nameof(Names))]
    public void It_stops_when_asked(string name) => Assert.Throws<OperationCanceledException>(() =>
        Find(name).Train(Table(rows: 200, seed: 5), s_options, 1, new CancellationToken(canceled: true)));

    private static IEnumerable<ITrainer> Registered() => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build()).AddTraining().BuildServiceProvider().GetServices<ITrainer>();

    private static ITrainer Find(string name)
    {
        ITrainer trainer = Registered().Single(trainer => trainer.Name == name);
        if (trainer.Unavailable is { } why)
        {
            Assert.Skip($"skipped: {why}");
        }

        return trainer;
    }

    private static FeatureTable Table(int rows, int seed)
    {
        var random = new SplitMix((ulong)seed);
        var table = new FeatureTable(new float[rows * 3], 3, new float[rows], new float[rows]);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < 3; i++)
            {
                table.Features[(row * 3) + i] = (float)random.NextDouble();
            }

            table.Targets[row] = (30 * table.Features[row * 3]) + (table.Features[(row * 3) + 1] > 0.5 ? 20 : 0);
            table.Weights[row] = 1;
        }

        return table;
    }

    private static double Error(double[] predictions, float[] targets) =>
        Math.Sqrt(predictions.Zip(targets, (a, b) => (a - b) * (a - b)).Average());
}
