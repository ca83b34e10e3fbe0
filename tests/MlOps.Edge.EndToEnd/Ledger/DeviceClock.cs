using System.Globalization;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>A wall clock of a process that can be set while it runs, by libfaketime. Its waits go by the machine's own, which nobody sets.</summary>
internal sealed class DeviceClock
{
    private static readonly string? Library = Array.Find(
        ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"], File.Exists);

    private readonly string _file;

    /// <summary>Skips the test where the library is not installed.</summary>
    public DeviceClock(string folder)
    {
        Assert.SkipWhen(Library is null, "libfaketime (Debian package faketime) is not installed");
        _file = Path.Combine(folder, "clock");
        Directory.CreateDirectory(folder);
        Set(TimeSpan.Zero);
    }

    /// <summary>What the process needs.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = Library!,
        ["FAKETIME_TIMESTAMP_FILE"] = _file,
        ["FAKETIME_NO_CACHE"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
    };

    /// <param name="offset">From the true time; whole seconds.</param>
    public void Set(TimeSpan offset)
    {
        // In one piece: it may be read at any moment.
        var next = $"{_file}.next";
        File.WriteAllText(next, ((long)offset.TotalSeconds).ToString("+0;-0;+0", CultureInfo.InvariantCulture));
        File.Move(next, _file, overwrite: true);
    }
}
