using System.Diagnostics;
using System.Globalization;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Durability.Traces;

/// <summary>Starts the product's programs under strace, which writes down all that reaches files and sockets.</summary>
internal static class Strace
{
    // What SQLite and .NET use here, and what they might use instead: the reader of a recording refuses what it does not know.
    private const string Calls =
        "openat,open,creat,pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendmmsg,sendfile,recvfrom,recvmsg,fdatasync,fsync,sync_file_range,syncfs,sync," +
        "ftruncate,truncate,fallocate,copy_file_range,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,symlinkat,io_submit,io_uring_enter";

    /// <summary>Why nothing can be recorded here; null: it can.</summary>
    public static string? WhyNot { get; } = Try();

    /// <param name="log">Where the calls go.</param>
    /// <param name="killAtSync">The process is killed when one of its threads enters its n-th fsync, which is then not done; null: it is not.</param>
    public static RunningProgram Start(string log, int? killAtSync, string program, params IEnumerable<string> arguments)
    {
        // -D: the program is our child, as it would be without, and ends by our signals. With the filter in the kernel strace sends no signal of its own.
        string[] strace =
        [
            "strace", "-D", "-f", .. killAtSync is null ? (string[])["--seccomp-bpf"] : [], "-y", "-xx", "-ttt", "-s", "16777216", "-o", log, "-e", $"trace={Calls}",
            .. killAtSync is { } n ? (string[])["-e", string.Create(CultureInfo.InvariantCulture, $"inject=fsync,fdatasync:signal=SIGKILL:when={n}")] : [],
        ];
        return BuiltProgram.StartUnder(strace, program, arguments);
    }

    /// <summary>Waits until a program that has ended is written down to its end.</summary>
    public static Task WrittenAsync(string log) => Wait.UntilAsync($"'{log}' is complete", () =>
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Max(0, file.Length - 200);
        var lines = new StreamReader(file).ReadToEnd().TrimEnd('\n').Split('\n');

        // The first line of the log is the main thread's, and so is the last.
        return lines[^1].Contains(" +++ ", StringComparison.Ordinal) && FirstWord(log) == lines[^1].Split(' ')[0];
    });

    private static string FirstWord(string log)
    {
        using var file = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return file.ReadLine()!.Split(' ')[0];
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "strace is Linux'";
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var error = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"strace may not trace here ({error})";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"there is no strace ({e.Message})";
        }
    }
}
