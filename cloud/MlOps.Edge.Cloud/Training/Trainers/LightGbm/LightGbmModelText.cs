using System.Globalization;
using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Training.Trainers.LightGbm;

/// <summary>Reads the trees out of LightGBM's text format: blocks of <c>key=value</c> lines that begin with <c>Tree=n</c>.</summary>
internal static class LightGbmModelText
{
    public static TreeEnsemble Parse(string text)
    {
        var trees = new List<DecisionTree>();
        Dictionary<string, string>? block = null;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            bool begins = line.StartsWith("Tree=");
            bool ends = line.StartsWith("end of trees");
            if (begins || ends)
            {
                if (block is not null)
                {
                    trees.Add(Tree(block));
                }

                if (ends)
                {
                    return new(0, trees);
                }

                block = [];
            }
            else if (block is not null && line.IndexOf('=') is > 0 and int equals)
            {
                block[line[..equals].ToString()] = line[(equals + 1)..].ToString();
            }
        }

        throw new TrainingException("LightGBM's model text has no end of its trees: another version of the library?");
    }

    /// <summary>
    /// The largest float that is not above a double. LightGBM compares a float feature with a double threshold; a float
    /// threshold sends every float the same way only when it was rounded down.
    /// </summary>
    public static float RoundDown(double value)
    {
        float nearest = (float)value;
        return nearest > value ? MathF.BitDecrement(nearest) : nearest;
    }

    private static DecisionTree Tree(Dictionary<string, string> block)
    {
        T[] Values<T>(string key, Func<string, T> parse) =>
            block.TryGetValue(key, out string? value) && value.Length > 0 ? [.. value.Split(' ').Select(parse)]
            : throw new TrainingException($"LightGBM's model text has a tree without '{key}': another version of the library?");

        static double Real(string value) => double.Parse(value, CultureInfo.InvariantCulture);
        static int Whole(string value) => int.Parse(value, CultureInfo.InvariantCulture);

        double[] leaves = Values("leaf_value", Real);
        return leaves.Length == 1
            ? new([], [], [], [], leaves)
            : new(
                Values("split_feature", Whole),
                Values("threshold", value => RoundDown(Real(value))),
                Values("left_child", Whole),
                Values("right_child", Whole),
                leaves);
    }
}
