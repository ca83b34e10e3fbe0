using System.Runtime.InteropServices;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Contracts.Tests.Models;

public sealed class OrtTelemetryTests
{
    [Fact]
    public void Native_code_sees_that_telemetry_is_off()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("skipped: this is about the environment of libc");
        }

        OrtTelemetry.SwitchOff();

        Assert.Equal("1", Marshal.PtrToStringUTF8(GetNative("ORT_DISABLE_TELEMETRY\0"u8.ToArray())));
    }

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetNative(byte[] name);
}
