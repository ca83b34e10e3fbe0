using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Gateway;

namespace MlOps.Edge.Host.Tests;

/// <summary>One after the other: they listen to the process's error stream.</summary>
public sealed class GuardedTests : IDisposable
{
    private readonly TextWriter _before = Console.Error;
    private readonly StringWriter _error = new();

    public GuardedTests() => Console.SetError(_error);

    public void Dispose()
    {
        Console.SetError(_before);
        _error.Dispose();
    }

    public static TheoryData<string, int> Known => new()
    {
        { "user", ExitCodes.NotFound },
        { "options", ExitCodes.Usage },
        { "store", ExitCodes.Failure },
        { "held store", ExitCodes.Conflict },
        { "newer store", ExitCodes.Conflict },
        { "gateway", ExitCodes.Failure },
        { "key", ExitCodes.Failure },
        { "wrapped", ExitCodes.Failure },
        { "among others", ExitCodes.Failure },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public async Task A_mistake_that_can_be_mended_is_one_line_and_an_exit_code(string kind, int exitCode)
    {
        Exception error = kind switch
        {
            "user" => new UserErrorException("put it right", ExitCodes.NotFound),
            "options" => new OptionsValidationException("Gateway", typeof(object), ["put it", "right"]),
            "store" => new StoreException("put it right"),
            "held store" => new StoreException("put it right") { InUse = true },
            "newer store" => new StoreException("put it right") { Newer = true },
            "gateway" => new GatewayException("put it right"),
            "key" => new SigningKeyException("put it right"),
            "wrapped" => new InvalidOperationException("the silo did not start", new StoreException("put it right")),
            _ => new AggregateException(new InvalidOperationException("other"), new GatewayException("put it right")),
        };
        Assert.Equal(exitCode, await Guarded.RunAsync(() => Task.FromException<int>(error)));
        Assert.Equal("put it right" + Environment.NewLine, _error.ToString());
    }

    [Fact]
    public async Task An_error_of_ours_is_not_hidden()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Guarded.RunAsync(() => Task.FromException<int>(new InvalidOperationException("a bug"))));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task Ctrl_C_is_no_error_and_a_command_s_own_code_is_handed_on()
    {
        Assert.Equal(ExitCodes.Ok, await Guarded.RunAsync(() => Task.FromException<int>(new OperationCanceledException())));
        Assert.Equal(7, await Guarded.RunAsync(() => Task.FromResult(7)));
    }
}
