using CsCheck;

namespace MlOps.Edge.Sketches.Tests;

public sealed class SketchIncrementTests
{
    private static readonly SketchSpec Spec = new()
    {
        Channels =
        [
            new() { Name = "load", Edges = [0f, 50f, 100f], Center = 50, Scale = 10 },
            new() { Name = "vibration", Edges = [-1f, 1f], Center = 0, Scale = 1 },
        ],
        Regimes = new() { Channels = [0], Scales = [10f], Centroids = [[20f], [80f]], Fallback = 1 },
        AgeEdges = [50, 100],
        Block = 10,
    };

    private static readonly Gen<float> Value = Gen.OneOf(Gen.Float[-200, 200], Gen.Const(float.NaN), Gen.Const(7f));

    private static readonly Gen<SketchIncrement> Increment =
        Gen.Select(Gen.Int[0, 300], Gen.Select(Value, Value).List[1, 30], (first, rows) => Count(first, rows));

    [Fact]
    public void Merging_knows_neither_order_nor_grouping() =>
        Gen.Select(Increment, Increment, Increment).Sample((a, b, c) =>
            SketchIncrement.Merge(a, b).Equals(SketchIncrement.Merge(b, a))
            && SketchIncrement.Merge(SketchIncrement.Merge(a, b), c).Equals(SketchIncrement.Merge(a, SketchIncrement.Merge(b, c)))
            && SketchIncrement.Merge(a, SketchIncrement.Empty).Equals(a));

    [Fact]
    public void Counting_in_parts_and_merging_is_counting_at_once() =>
        Gen.Select(Gen.Select(Value, Value).List[2, 60], Gen.Int[1, 59]).Sample((rows, at) =>
        {
            var counter = new SketchCounter(Spec);
            var parts = SketchIncrement.Empty;
            for (var i = 0; i < rows.Count; i++)
            {
                counter.Add([rows[i].Item1, rows[i].Item2], i);
                parts = i % at == 0 ? SketchIncrement.Merge(parts, counter.Flush()!) : parts;
            }

            return SketchIncrement.Merge(parts, counter.Flush() ?? SketchIncrement.Empty).Equals(Count(0, rows));
        });

    [Fact]
    public void The_compact_form_gives_the_same_increment_back() =>
        Increment.Sample(a => SketchIncrement.FromBytes(a.ToBytes(), Spec).Equals(a));

    [Fact]
    public void Damaged_bytes_are_refused_or_read_as_an_increment_and_nothing_else_happens() =>
        Gen.Select(Increment, Gen.Int[0, 10_000], Gen.Byte).Sample((a, at, value) =>
        {
            var bytes = a.ToBytes();
            bytes[at % bytes.Length] = value;
            try
            {
                return SketchIncrement.FromBytes(bytes, Spec).Rows > 0;
            }
            catch (FormatException)
            {
                return true;
            }
        });

    [Fact]
    public void The_specification_survives_bytes_and_json()
    {
        Assert.Equal(Spec, SketchSpec.FromBytes(Spec.ToBytes()));
        Assert.Equal(Spec, SketchSpec.FromJson(Spec.ToJson()));
        Assert.Equal(Spec.Digest(), SketchSpec.FromJson(Spec.ToJson()).Digest());
    }

    [Fact]
    public void A_specification_with_edges_out_of_order_is_refused_by_name()
    {
        var broken = Spec with { Channels = [Spec.Channels[0], Spec.Channels[1] with { Edges = [1f, 1f] }] };
        Assert.Contains("'vibration'", Assert.Throws<FormatException>(() => broken.Checked()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(-0.1f, 0)]
    [InlineData(0f, 1)]
    [InlineData(50f, 2)]
    [InlineData(100f, 3)]
    [InlineData(float.PositiveInfinity, 3)]
    [InlineData(float.NaN, 4)]
    public void A_value_on_an_edge_belongs_to_the_bin_above_it_and_a_missing_one_to_the_last(float value, int bin) =>
        Assert.Equal(bin, Spec.Channels[0].BinOf(value));

    [Fact]
    public void A_frame_without_settings_is_counted_in_the_regime_of_the_training_mean() =>
        Assert.Equal(1, Spec.Regimes.RegimeOf([float.NaN, 0f]));

    [Fact]
    public void A_run_of_identical_values_goes_on_across_flushes_and_ends_at_a_missing_value()
    {
        var counter = new SketchCounter(Spec);
        for (var age = 0; age < 10; age++)
        {
            counter.Add([age, 5f], age);
        }

        Assert.True(counter.Due);
        Assert.Equal([1, 10], counter.Flush()!.LongestRuns);
        counter.Add([1f, 5f], 10);
        counter.Add([2f, float.NaN], 11);
        counter.Add([3f, 5f], 12);
        Assert.Equal([1, 11], counter.Flush()!.LongestRuns);
        Assert.Null(counter.Flush());
    }

    private static SketchIncrement Count(int first, List<(float, float)> rows)
    {
        var counter = new SketchCounter(Spec);
        for (var i = 0; i < rows.Count; i++)
        {
            counter.Add([rows[i].Item1, rows[i].Item2], first + i);
        }

        return counter.Flush()!;
    }
}
