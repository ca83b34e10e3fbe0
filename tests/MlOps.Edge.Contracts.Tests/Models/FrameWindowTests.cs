using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Contracts.Tests.Models;

public sealed class FrameWindowTests
{
    [Theory]
    [InlineData(1, new float[] { 1, 1, 1 })]
    [InlineData(2, new float[] { 1, 1, 2 })]
    [InlineData(3, new float[] { 1, 2, 3 })]
    [InlineData(4, new float[] { 2, 3, 4 })]
    [InlineData(7, new float[] { 5, 6, 7 })]
    public void A_window_holds_the_last_frames_and_a_short_history_repeats_its_first(int frames, float[] expected)
    {
        var window = new FrameWindow(3, 2);
        for (int frame = 1; frame <= frames; frame++)
        {
            window.Push([frame, -frame]);
        }

        Assert.Equal(expected.SelectMany(value => new[] { value, -value }), Copy(window));
        Assert.Equal(frames, window.Count);
    }

    [Fact]
    public void After_a_clear_nothing_of_the_last_installation_is_left()
    {
        var window = new FrameWindow(3, 1);
        window.Push([1]);
        window.Push([2]);
        window.Clear();
        window.Push([9]);

        Assert.Equal([9, 9, 9], Copy(window));
    }

    [Fact]
    public void A_missing_value_stays_missing_to_the_bit()
    {
        float odd = BitConverter.UInt32BitsToSingle(0x7FC12345);
        var window = new FrameWindow(2, 1);
        window.Push([odd]);

        Assert.All(Copy(window), value => Assert.Equal(0x7FC12345u, BitConverter.SingleToUInt32Bits(value)));
    }

    [Fact]
    public void Pushing_and_copying_allocate_nothing()
    {
        var window = new FrameWindow(50, 24);
        var frame = new float[24];
        var target = new float[window.Size];
        window.Push(frame);
        window.CopyTo(target);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            window.Push(frame);
            window.CopyTo(target);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Wrong_sizes_and_an_empty_window_are_refused()
    {
        var window = new FrameWindow(2, 2);

        Assert.Throws<ArgumentException>(() => window.Push([1]));
        Assert.Throws<ArgumentException>(() => window.CopyTo(new float[3]));
        Assert.Throws<InvalidOperationException>(() => window.CopyTo(new float[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameWindow(0, 2));
    }

    private static float[] Copy(FrameWindow window)
    {
        var target = new float[window.Size];
        window.CopyTo(target);
        return target;
    }
}
