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

    // A room's own error may come wrapped by the host that was starting it.
    private static UserErrorException? Mendable(Exception e) => e switch
    {
        UserErrorException error => error,
        OptionsValidationException options => new(SettingFaults.Explain(options), ExitCodes.Usage),
        InvalidOperationException binding when SettingFaults.Explain(binding) is { } fault => new(fault, ExitCodes.Usage),
        StoreException { InUse: true } => new(e.Message, ExitCodes.Conflict),
        StoreException or GatewayException or SigningKeyException => new(e.Message),
        AggregateException many => many.InnerExceptions.Select(Mendable).FirstOrDefault(inner => inner is not null),
        { InnerException: { } inner } => Mendable(inner),
        _ => null,
    };
}
