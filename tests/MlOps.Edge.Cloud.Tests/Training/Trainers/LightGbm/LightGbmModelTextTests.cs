using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Trainers.LightGbm;
using MlOps.Edge.Cloud.Training.Trees;

namespace MlOps.Edge.Cloud.Tests.Training.Trainers.LightGbm;

public sealed class LightGbmModelTextTests
{
    [Theory]
    [InlineData(0.1, 0.1f)]
    [InlineData(0.3, 0.3f)]
    [InlineData(-0.1, -0.1f)]
    [InlineData(2.5, 2.5f)]
    public void A_threshold_is_rounded_down_so_that_every_float_takes_the_same_branch(double threshold, float near)
    {
        float rounded = LightGbmModelText.RoundDown(threshold);

        foreach (float value in new[] { MathF.BitDecrement(near), near, MathF.BitIncrement(near) })
        {
            Assert.Equal(value <= threshold, value <= rounded);
        }
    }

    [Fact]
    public void A_tree_without_splits_is_its_leaf()
    {
        TreeEnsemble trees = LightGbmModelText.Parse("version=v4\n\nTree=0\nnum_leaves=1\nleaf_value=2.5\n\nend of trees\n");

        Assert.Equal(2.5, trees.Evaluate([]));
    }

    [Theory]
    [InlineData("Tree=0\nnum_leaves=1\nleaf_value=2.5\n")]
    [InlineData("Tree=0\nleaf_value=1 2\nsplit_feature=0\nend of trees\n")]
    public void Text_that_breaks_off_is_refused(string text) => Assert.Throws<TrainingException>(() => LightGbmModelText.Parse(text));
}
