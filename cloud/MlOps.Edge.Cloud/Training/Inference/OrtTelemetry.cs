using System.Runtime.InteropServices;

namespace MlOps.Edge.Cloud.Training.Inference;

/// <summary>
/// ONNX Runtime 1.31 sends telemetry on Linux unless the *native* environment says no before its library loads;
/// .NET's own environment is a copy that native code never sees.
/// </summary>
internal static partial class OrtTelemetry
{
    /// <summary>Call it as the first statement of a process that will load ONNX Runtime. Harmless when repeated.</summary>
    public static void SwitchOff()
    {
        const string variable = "ORT_DISABLE_TELEMETRY";
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(variable, "1");
            return;
        }

        if (SetNative(variable, "1", overwrite: 1) != 0)
        {
            throw new InvalidOperationException($"cannot set {variable} in the process environment (errno {Marshal.GetLastPInvokeError()})");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
