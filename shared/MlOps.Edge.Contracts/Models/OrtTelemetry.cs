using System.Runtime.InteropServices;

namespace MlOps.Edge.Contracts.Models;

/// <summary>
/// ONNX Runtime 1.31 sends telemetry on Linux unless the *native* environment says no before its library loads;
/// .NET's own environment is a copy that native code never sees.
/// </summary>
public static partial class OrtTelemetry
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Call it as the first statement of a process that may load ONNX Runtime. Harmless when repeated.</summary>
    /// <exception cref="InvalidOperationException">The environment cannot be changed.</exception>
    public static void SwitchOff()
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
        else if (SetNative(Variable, "1", overwrite: 1) != 0)
        {
            throw new InvalidOperationException($"{Variable} cannot be set (errno {Marshal.GetLastPInvokeError()}); ONNX Runtime would send telemetry.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
