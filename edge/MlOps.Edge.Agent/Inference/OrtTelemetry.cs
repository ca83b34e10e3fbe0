using System.Runtime.InteropServices;

namespace MlOps.Edge.Agent.Inference;

/// <summary>
/// ONNX Runtime 1.31 on Linux sends telemetry unless the *native* environment says otherwise before the library loads;
/// <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach the native environment there.
/// </summary>
internal static partial class OrtTelemetry
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Call it as the first statement of a process that loads ONNX Runtime. Harmless to repeat.</summary>
    public static void Disable()
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
        else if (SetEnv(Variable, "1", 1) != 0)
        {
            throw new InvalidOperationException($"{Variable} cannot be set; ONNX Runtime would send telemetry.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
