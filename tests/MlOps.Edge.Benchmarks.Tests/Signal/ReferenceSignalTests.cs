using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Tests.Signal;

public sealed class ReferenceSignalTests
{
    [Fact]
    public void The_same_seed_is_the_same_signal_on_every_day()
    {
        var signal = new ReferenceSignal(seed: 1);

        // Written down from the first run: figures of different days and machines are of the same signal.
        Assert.Equal([51.01f, 50.95f, 50.99f, 50.95f], signal.Take(1, 0, 4).ToArray());
        Assert.Equal([1.203f, 1.196f, 1.239f, 1.191f], signal.Take(22, 60_000, 4).ToArray());
        Assert.True(signal.Take(5, 100, 500).Span.SequenceEqual(new ReferenceSignal(seed: 1).Take(5, 100, 500).Span));
        Assert.False(signal.Take(5, 100, 500).Span.SequenceEqual(new ReferenceSignal(seed: 2).Take(5, 100, 500).Span));
    }

    [Fact]
    public void Behind_its_last_frame_it_begins_again()
    {
        var signal = new ReferenceSignal(seed: 1);

        var over = signal.Take(3, ReferenceSignal.Period - 2, 4).ToArray();

        Assert.Equal(signal.Take(3, 0, 2).ToArray(), over[2..]);
        Assert.Equal(signal.Take(3, 7, 10).ToArray(), signal.Take(3, ReferenceSignal.Period + 7, 10).ToArray());
    }

    [Fact]
    public void Every_value_is_a_whole_number_of_steps_of_its_channels_resolution()
    {
        var signal = new ReferenceSignal(seed: 3);
        foreach (var (c, shape) in ChannelShape.All.Index())
        {
            var scale = Math.Pow(10, shape.Decimals);
            foreach (var value in signal.Take(c, 1000, 1000).Span)
            {
                Assert.Equal(value, (float)(Math.Round(value * scale) / scale));
            }
        }
    }

    [Fact]
    public void The_load_steps_by_a_fifth_of_the_range_about_every_three_hundred_frames()
    {
        // A channel with half a step of noise and a range of 120 steps shows each change of the load.
        var values = Enumerable.Range(0, ReferenceSignal.Period / 4096).SelectMany(i => new ReferenceSignal(seed: 1).Take(0, i * 4096L, 4096).ToArray()).ToArray();

        var steps = values.Zip(values.Skip(1), (a, b) => Math.Abs(b - a)).Where(step => step > 12).ToArray();

        Assert.InRange(steps.Length, ReferenceSignal.Period / 300 * 0.75, ReferenceSignal.Period / 300 * 1.25);
        Assert.InRange(steps.Average(), 23, 25);
    }
}
