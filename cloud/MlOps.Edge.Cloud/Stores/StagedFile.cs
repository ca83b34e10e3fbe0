namespace MlOps.Edge.Cloud.Stores;

/// <summary>A backup that lies beside the database and takes its place when that is opened.</summary>
internal static class StagedFile
{
    public static string Of(string database) => database + ".restore";

    /// <summary>Where what is there now will be kept.</summary>
    public static string Aside(string database)
    {
        var number = 1;
        while (File.Exists($"{database}.replaced-{number}"))
        {
            number++;
        }

        return $"{database}.replaced-{number}";
    }

    /// <summary>Puts it in place, if there is one. What a power cut leaves half done is done the rest of the way the next time.</summary>
    public static void Take(string database)
    {
        var staged = Of(database);
        if (!File.Exists(staged))
        {
            return;
        }

        // The database itself last: as long as it stands, its log belongs to it.
        var aside = Aside(database);
        foreach (var suffix in (string[])["-shm", "-wal", ""])
        {
            if (File.Exists(database + suffix))
            {
                File.Move(database + suffix, aside + suffix, overwrite: true);
            }
        }

        File.Move(staged, database);
    }
}
