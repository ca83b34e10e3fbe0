using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Gateway;

namespace MlOps.Edge.Host;

/// <summary>Runs a command; what a person can mend is one line and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Ok; // Ctrl+C
        }
        catch (Exception e) when (Mendable(e) is { } error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return error.ExitCode;
        }
    }

    /// <summary>What a person can mend of an error; null: it is an error of ours. A room's own may come wrapped by the host that was starting it.</summary>
    public static UserErrorException? Mendable(Exception e) => e switch
    {
        UserErrorException error => error,
        OptionsValidationException options => new(SettingFaults.Explain(options), ExitCodes.Usage),
        InvalidOperationException binding when SettingFaults.Explain(binding) is { } fault => new(fault, ExitCodes.Usage),
        StoreException { InUse: true } or StoreException { Newer: true } => new(e.Message, ExitCodes.Conflict),
        GatewayException { InnerException: SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } } => new(e.Message, ExitCodes.Conflict),
        IOException { InnerException: AddressInUseException } => new($"{e.Message.TrimEnd('.')}. Stop what listens there, or choose another with --http-port.", ExitCodes.Conflict),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => new("A port was taken by another program while the cloud started; start it again.", ExitCodes.Conflict),
        StoreException or GatewayException or SigningKeyException => new(e.Message),
        AggregateException many => many.InnerExceptions.Select(Mendable).FirstOrDefault(inner => inner is not null),
        { InnerException: { } inner } => Mendable(inner),
        _ => null,
    };
}
