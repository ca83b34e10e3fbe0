using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using MlOps.Edge.Gateway.Broker;

namespace MlOps.Edge.Gateway.Tests.Broker;

public sealed class GatheredOutputTests
{
    private static CancellationToken Stopped => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_gather_while_there_is_more_to_read_and_leave_together()
    {
        var (pipe, more) = (new Pipe(), true);
        var output = new GatheredOutput(pipe.Writer, () => more);
        await Say(output, "a");
        await Say(output, "b");
        Assert.False(pipe.Reader.TryRead(out _));

        await output.FlushRestAsync(Stopped);
        Assert.Equal("ab", await HeardAsync(pipe));

        more = false;
        await Say(output, "c");
        Assert.Equal("c", await HeardAsync(pipe));
        await output.FlushRestAsync(Stopped);
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [Fact]
    public async Task What_is_a_lot_leaves_at_once()
    {
        var pipe = new Pipe();
        var output = new GatheredOutput(pipe.Writer, () => true);
        await Say(output, new string('x', 20_000));
        Assert.Equal(20_000, (await HeardAsync(pipe)).Length);
    }

    [Fact]
    public async Task What_was_gathered_is_not_lost_when_the_connection_ends()
    {
        var pipe = new Pipe();
        var output = new GatheredOutput(pipe.Writer, () => true);
        await Say(output, "goodbye");
        await output.CompleteAsync();
        Assert.Equal("goodbye", await HeardAsync(pipe));
    }

    [Fact]
    public async Task Who_comes_while_the_other_end_does_not_read_waits_for_it()
    {
        var pipe = new Pipe(new(pauseWriterThreshold: 4, resumeWriterThreshold: 2, useSynchronizationContext: false));
        var output = new GatheredOutput(pipe.Writer, () => false);
        var first = Say(output, "12345").AsTask();
        var second = Say(output, "67890").AsTask();
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        var heard = new StringBuilder();
        while (heard.Length < 10)
        {
            heard.Append(await HeardAsync(pipe));
        }

        await first;
        await second;
        Assert.Equal("1234567890", heard.ToString());
    }

    private static ValueTask<FlushResult> Say(GatheredOutput output, string text)
    {
        output.Write(Encoding.ASCII.GetBytes(text));
        return output.FlushAsync(Stopped);
    }

    private static async Task<string> HeardAsync(Pipe pipe)
    {
        var read = await pipe.Reader.ReadAsync(Stopped);
        var text = Encoding.ASCII.GetString(read.Buffer);
        pipe.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }
}
