namespace MlOps.Edge.Simulator.Story;

/// <summary>
/// The process that started this one and holds the other end of its standard input. One that is killed cannot say so, but the
/// system closes its end of the pipe.
/// </summary>
internal static class Starter
{
    /// <param name="input">Standard input. What comes is read and forgotten.</param>
    /// <returns>Cancelled once the input has ended.</returns>
    public static CancellationToken Watch(Stream input)
    {
        var gone = new CancellationTokenSource();

        // A read of a pipe cannot be cancelled, so that it has a thread which the end of the process need not wait for.
        new Thread(() =>
        {
            Drain(input);
            gone.Cancel();
        })
        { IsBackground = true, Name = "starter" }.Start();
        return gone.Token;
    }

    private static void Drain(Stream input)
    {
        Span<byte> ignored = stackalloc byte[256];
        try
        {
            while (input.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A pipe that broke has ended.
        }
    }
}
