namespace MlOps.Edge.Cloud.Stores;

/// <summary>A file beside the database for the time of one backup or restore, with what SQLite puts beside it.</summary>
internal static class PassingFile
{
    public const string Backup = "backup";
    public const string Restore = "restore";

    private const string Ending = ".tmp";

    private static readonly string[] Besides = ["", "-journal", "-shm", "-wal"];

    public static string Name(string folder, string purpose) => Path.Combine(folder, $"{purpose}-{Guid.NewGuid():N}{Ending}");

    public static void Delete(string path)
    {
        foreach (var suffix in Besides)
        {
            File.Delete(path + suffix);
        }
    }

    /// <summary>Deletes those that a killed cloud has left; nobody else may be at work in the folder.</summary>
    public static void Sweep(string folder)
    {
        foreach (var purpose in (string[])[Backup, Restore])
        {
            foreach (var path in Directory.GetFiles(folder, $"{purpose}-*{Ending}*").Where(path => IsOurs(Path.GetFileName(path), purpose)))
            {
                File.Delete(path);
            }
        }
    }

    // An operator's own file may have a name like it.
    private static bool IsOurs(string name, string purpose) =>
        name.Split(Ending) is [var first, var suffix] && Besides.Contains(suffix, StringComparer.Ordinal) && Guid.TryParseExact(first[(purpose.Length + 1)..], "N", out _);
}
