using System.IO.Pipes;
using MlOps.Edge.Simulator.Story;

namespace MlOps.Edge.Simulator.Tests.Story;

public sealed class StarterTests
{
    [Fact]
    public async Task A_starter_is_there_until_its_end_of_the_pipe_closes_whatever_it_wrote()
    {
        using var starter = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, starter.ClientSafePipeHandle);
        var gone = Starter.Watch(input);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = gone.Register(told.SetResult);

        starter.Write("and so on\n"u8);
        Assert.False(gone.IsCancellationRequested);

        starter.Dispose();
        await told.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(gone.IsCancellationRequested);
    }
}
