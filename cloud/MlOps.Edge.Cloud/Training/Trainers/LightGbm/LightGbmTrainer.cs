using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Training.Trainers.LightGbm;

/// <summary>
/// LightGBM (Ke et al., NeurIPS 2017) through its C API. The native library comes with the package for linux-x64, win-x64
/// and osx-x64 and needs the system's OpenMP runtime (<c>libgomp1</c> on Debian).
/// </summary>
internal sealed class LightGbmTrainer : ITrainer
{
    private readonly Lazy<string?> _unavailable = new(Probe);

    public string Name => "lightgbm";

    /// <summary>Of the package in <c>Directory.Packages.props</c>; the C API does not tell.</summary>
    public string Version => "4.7.0";

    public string? Unavailable => _unavailable.Value;

    public ITrainedTrees Train(FeatureTable table, BoostingOptions options, int seed, CancellationToken cancellationToken)
    {
        string parameters = Parameters(options, seed);
        using DatasetHandle dataset = LightGbmNative.CreateDataset(table, parameters);
        BoosterHandle booster = LightGbmNative.CreateBooster(dataset, parameters);
        try
        {
            for (int tree = 0; tree < options.Trees; tree++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (LightGbmNative.Update(booster))
                {
                    break;
                }
            }

            return new Trained(booster, LightGbmModelText.Parse(LightGbmNative.Text(booster)));
        }
        catch
        {
            booster.Dispose();
            throw;
        }
    }

    /// <summary>One thread, rows in order and fixed seeds: LightGBM repeats itself to the bit only so.</summary>
    private static string Parameters(BoostingOptions options, int seed) => string.Create(
        CultureInfo.InvariantCulture,
        $"objective=regression num_leaves={options.Leaves} learning_rate={options.LearningRate} min_data_in_leaf={options.RowsPerLeaf} " +
        $"bagging_fraction={options.RowFraction} bagging_freq=1 feature_fraction={options.FeatureFraction} lambda_l2={options.L2} " +
        $"seed={seed} deterministic=true force_row_wise=true num_threads=1 verbosity=-1");

    private static string? Probe()
    {
        if (!NativeLibrary.TryLoad(LightGbmNative.Library, typeof(LightGbmTrainer).Assembly, null, out _))
        {
            return $"its native library does not load on {RuntimeInformation.RuntimeIdentifier} (on Debian it needs the package libgomp1)";
        }

        return null;
    }

    private sealed class Trained(BoosterHandle booster, TreeEnsemble trees) : ITrainedTrees
    {
        public TreeEnsemble Trees { get; } = trees;

        public double[] Predict(float[] features, int columns) => LightGbmNative.Predict(booster, features, columns);

        public void Dispose() => booster.Dispose();
    }
}
